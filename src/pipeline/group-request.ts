import { behindOf } from './behind.ts';
import { type Answer, type GroupWish, isRefusal, refuse } from './domain/command.ts';
import type { GroupPolicy } from './domain/group.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { Release } from './domain/release.ts';
import { permission } from './domain/rights.ts';
import type { Submission } from './domain/submission.ts';
import type { Engine } from './engine/engine.ts';
import type { Queries, ReleaseWish } from './pipeline.ts';
import { ProviderError } from './provider.ts';
import type { Repositories } from './repositories.ts';

interface Parts {
  engine: Pick<Engine, 'handle' | 'traced'>;
  query: Queries;
  repositories: Repositories;
}

/** The group that is meant: by its name, or, by a push to its branch or an outside CI, by one of its services. */
export function groupAskedFor(
  query: Queries,
  { service, ref, onlyNew, submitted }: ReleaseWish,
): GroupPolicy | undefined {
  const groups = query.groups();
  const named = groups.find(({ group }) => group === service);
  if (named !== undefined || (onlyNew !== true && submitted === undefined)) return named;
  return groups.find(
    ({ services, branch }) =>
      services.includes(service) && (submitted !== undefined || ref === undefined || ref === branch),
  );
}

/** Looks the ref up, and which services of the group it concerns, and asks for a release of the group. */
export async function requestGroup(parts: Parts, group: GroupPolicy, wish: ReleaseWish): Promise<Answer> {
  const { engine, query, repositories } = parts;
  const { service, ref, by, onlyNew, hotfix, verified, pushedBy, submitted } = wish;
  const asked = { service: group.group, by, ...(verified === undefined ? {} : { verified }) };
  const policies = group.services.flatMap((service) => query.policy(service) ?? []);
  for (const policy of policies) {
    const grant = permission(asked, 'bake', { policy, installation: query.installation() });
    if (isRefusal(grant)) return engine.traced(asked, grant);
  }
  const { repository, branch } = group;
  const [first] = policies;
  if (first === undefined) return engine.traced(asked, refuse('unknown service', 'It has no services.'));
  try {
    const found = await repositories.find({
      service: first.service,
      repository,
      ref: submitted?.sha ?? ref ?? branch,
    });
    // Who names the group means all of it; a push, a package and a hotfix mean what they change.
    const isAll = onlyNew !== true && hotfix === undefined && submitted === undefined;
    const built = submitted && { package: submitted.package, reports: submitted.reports };
    const wishes = await wishesOf(parts, group, policies, { sha: found.sha, isAll, service, built });
    if (wishes.length === 0)
      return refuse('nothing to do', `Nothing of ${group.group} differs from what is live or on its way.`);
    const { sha, subject, author, email, isTag } = found;
    return await engine.handle({
      ...{ do: 'request group', wishes, ...asked },
      commit: {
        sha,
        ref: submitted === undefined ? found.ref : (ref ?? branch),
        subject,
        author,
        email,
        ...(isTag ? { isTag } : {}),
      },
      ...(pushedBy === undefined ? {} : { pushedBy }),
      ...(onlyNew === undefined ? {} : { onlyNew }),
      ...(hotfix === undefined ? {} : { hotfix }),
    });
  } catch (error) {
    if (error instanceof ProviderError) return engine.traced(asked, refuse('bad input', error.message));
    throw error;
  }
}

interface Wanted {
  sha: string;
  isAll: boolean;
  /** Whose package an outside CI hands over. */
  service: string;
  built: Submission | undefined;
}

async function wishesOf(
  parts: Parts,
  group: GroupPolicy,
  policies: readonly ServicePolicy[],
  wanted: Wanted,
): Promise<GroupWish[]> {
  const where = group.environments.at(-1) ?? '';
  const wishes: GroupWish[] = [];
  for (const policy of policies) {
    const wish = await wishOf(parts, policy, where, wanted);
    if (wish === undefined) continue;
    const behind = wish.carry === undefined ? { behind: await behindOf(policy, wanted.sha, parts) } : {};
    wishes.push({ service: policy.service, ...wish, ...behind });
  }
  return wishes;
}

/** What an outside CI builds comes with its package: until then its newest release goes along, if it has the same in it. */
async function wishOf(
  parts: Parts,
  policy: ServicePolicy,
  where: string,
  { sha, isAll, service, built }: Wanted,
): Promise<Omit<GroupWish, 'service' | 'behind'> | undefined> {
  if (built !== undefined && policy.service === service) return { submitted: built };
  const isExternal = policy.external !== undefined;
  if (isAll && !isExternal) return {};
  const wish = await concerned(parts, policy, where, sha);
  return isExternal && !isAll && wish !== undefined && wish.carry === undefined ? undefined : wish;
}

/**
 * What a commit is to one service: nothing when it has what is live, a release that is on its way and has the same in
 * it, or a new one. What an earlier commit changed and is not live yet goes along: the services are to fit together.
 */
async function concerned(
  parts: Parts,
  policy: ServicePolicy,
  where: string,
  sha: string,
): Promise<Pick<GroupWish, 'carry'> | undefined> {
  const { query } = parts;
  const { service } = policy;
  const [view, { releases }] = await Promise.all([query.service(service), query.history(service, 1)]);
  const live = view?.slots[where]?.live?.version;
  const [newest] = releases;
  const serving = live === undefined ? undefined : (await query.release(service, live))?.release;
  if (serving !== undefined && (await isTheSame(parts, policy, serving, sha))) return undefined;
  if (newest === undefined || newest.version === live || !isGood(newest, where)) return {};
  return (await isTheSame(parts, policy, newest, sha)) ? { carry: newest.version } : {};
}

const isGood = ({ state, supersededBy, imageRemovedAt, quarantined }: Release, where: string): boolean =>
  (state === 'running' || state === 'production ready') &&
  supersededBy === undefined &&
  imageRemovedAt === undefined &&
  quarantined[where] === undefined;

/** Whether nothing that the service watches differs between a release and a commit. */
async function isTheSame(
  { repositories }: Parts,
  { service, repository, watch }: ServicePolicy,
  { commit }: Release,
  sha: string,
): Promise<boolean> {
  if (commit.sha === sha) return true;
  if (watch === undefined) return false;
  return !(await repositories.touches({ repository, service, from: commit.sha, to: sha, paths: watch }));
}
