import type { ServicePolicy } from './domain/policy.ts';
import type { Queries } from './pipeline.ts';
import type { Repositories } from './repositories.ts';

/** How many of the newest releases may be open at once and be looked at. */
const mostOpen = 50;

/** Which releases that are still open a commit holds in its history: those it takes the place of. */
export async function behindOf(
  { service, repository }: ServicePolicy,
  of: string,
  { query, repositories }: { query: Pick<Queries, 'history'>; repositories: Repositories },
): Promise<Record<string, boolean>> {
  const { releases } = await query.history(service, mostOpen);
  const open = releases.filter(
    ({ closedAt, supersededBy, state }) =>
      closedAt === undefined &&
      supersededBy === undefined &&
      (state === 'running' || state === 'production ready'),
  );
  const among = [...new Set(open.map(({ commit }) => commit.sha))].filter((sha) => sha !== of);
  return among.length === 0 ? {} : repositories.ancestors({ repository, service, of, among });
}
