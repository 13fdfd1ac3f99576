import * as z from 'zod';
import type { Check } from '../pipeline/domain/checks.ts';
import { mostPages, page } from './http.ts';

/** Of "List the statuses of a commit" (GitLab's REST API v4): the newest of each name. */
const statuses = z.array(
  z.object({ name: z.string(), status: z.string(), allow_failure: z.boolean().default(false) }),
);

const running = new Set([
  'created',
  'waiting_for_resource',
  'preparing',
  'pending',
  'running',
  'scheduled',
  'manual',
]);

/** Jobs and external statuses of a commit. One that may fail is passed when it did. */
export async function gitlabChecks(
  api: string,
  project: string,
  sha: string,
  token: string | undefined,
): Promise<Check[]> {
  const headers = token === undefined ? {} : { 'private-token': token };
  const found: Check[] = [];
  for (let number = 1; number <= mostPages; number++) {
    const url = new URL(
      `${api}/api/v4/projects/${encodeURIComponent(project)}/repository/commits/${sha}/statuses?per_page=100&page=${number}`,
    );
    const some = await page(url, headers as Record<string, string>, statuses);
    found.push(
      ...some.map(({ name, status, allow_failure }) => ({ name, state: stateOf(status, allow_failure) })),
    );
    if (some.length < 100) break;
  }
  return found;
}

const stateOf = (status: string, mayFail: boolean): Check['state'] => {
  if (status === 'success' || status === 'skipped') return 'passed';
  if (running.has(status)) return 'running';
  return mayFail ? 'passed' : 'failed';
};
