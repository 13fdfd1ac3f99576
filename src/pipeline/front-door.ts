import { behindOf } from './behind.ts';
import type { Check } from './domain/checks.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from './domain/command.ts';
import type { ServicePolicy } from './domain/policy.ts';
import { permission } from './domain/rights.ts';
import type { Verified } from './domain/verified.ts';
import type { Engine } from './engine/engine.ts';
import { groupAskedFor, requestGroup } from './group-request.ts';
import type { Outbox } from './outbox.ts';
import type { Pipeline, Queries, ReleaseWish } from './pipeline.ts';
import { ProviderError } from './provider.ts';
import type { Forge, Repositories } from './repositories.ts';

export interface Parts {
  engine: Pick<Engine, 'handle' | 'traced' | 'subscribe'>;
  query: Queries;
  outbox: Outbox;
  repositories: Repositories;
  /** Without one nothing can be approved of a service that requires checks. */
  forge?: Forge;
}

/** Puts the front door together: commands to the engine, questions to the ledger, refs to the repositories. */
export function frontDoor(parts: Parts): Pipeline {
  const { engine, query, outbox } = parts;
  return {
    handle: async (command) => {
      const checked = await lookedUp(command, parts);
      return isRefusal(checked) ? engine.traced(command, checked) : engine.handle(checked);
    },
    traced: (asked, answer) => engine.traced(asked, answer),
    subscribe: (listener) => engine.subscribe(listener),
    query,
    outbox,
    requestRelease: (wish) => {
      const group = groupAskedFor(query, wish);
      return group === undefined ? requestOne(parts, wish) : requestGroup(parts, group, wish);
    },
  };
}

/** Finds the commit that is asked for, and asks for the release of it. */
async function requestOne(parts: Parts, wish: ReleaseWish): Promise<Answer> {
  const { service, ref, by, onlyNew, hotfix, verified, pushedBy, submitted } = wish;
  const { engine, query, repositories } = parts;
  const policy = query.policy(service);
  const asked = { service, by, ...(verified === undefined ? {} : { verified }) };
  if (policy === undefined)
    return engine.traced({ ...asked, service: 'all' }, unknownService(service, query.services()));
  const grant = permission(asked, 'bake', { policy, installation: query.installation() });
  if (isRefusal(grant)) return engine.traced(asked, grant);
  const { repository, branch } = policy;
  try {
    const wanted = submitted?.sha ?? ref ?? branch;
    const commit = await repositories.find({ service, repository, ref: wanted });
    const { sha, subject, author, email } = commit;
    const isTag =
      submitted === undefined || ref === undefined
        ? commit.isTag
        : await isTagOf(policy, { ref, sha }, parts);
    if (onlyNew === true && !(await concerns(policy, sha, parts)))
      return refuse(
        'nothing to do',
        `Nothing below ${policy.watch?.join(', ')} has changed since the last release.`,
      );
    const line = submitted === undefined ? commit.ref : (ref ?? branch);
    const behind = await behindOf(policy, sha, parts);
    return await engine.handle({
      do: 'request release',
      commit: { sha, ref: line, subject, author, email, ...(isTag ? { isTag } : {}) },
      ...asked,
      ...(submitted === undefined
        ? {}
        : { submitted: { package: submitted.package, reports: submitted.reports } }),
      ...(pushedBy === undefined ? {} : { pushedBy }),
      ...(onlyNew === undefined ? {} : { onlyNew }),
      ...(hotfix === undefined ? {} : { hotfix }),
      behind,
    });
  } catch (error) {
    if (error instanceof ProviderError) return engine.traced(asked, refuse('bad input', error.message));
    throw error;
  }
}

/** Whether what a CI calls the ref of a commit is a tag that points to it. */
async function isTagOf(
  { service, repository }: ServicePolicy,
  { ref, sha }: { ref: string; sha: string },
  { repositories }: Parts,
): Promise<boolean> {
  const found = await repositories.find({ service, repository, ref }).catch((error: unknown) => {
    // Its branch may be gone by now: the commit was found by itself.
    if (error instanceof ProviderError) return undefined;
    throw error;
  });
  return found?.isTag === true && found.sha === sha;
}

/** Whether a push that nobody typed is of this service: something that it watches differs from its newest release. */
async function concerns(
  { service, repository, watch }: ServicePolicy,
  to: string,
  { query, repositories }: Parts,
): Promise<boolean> {
  if (watch === undefined) return true;
  const [newest] = (await query.history(service, 1)).releases;
  if (newest === undefined || newest.commit.sha === to) return true;
  return repositories.touches({ repository, service, from: newest.commit.sha, to, paths: watch });
}

/** A command with what only the outside can tell, asked anew each time: what was true at the request may not be now. */
async function lookedUp(command: PipelineCommand, parts: Parts): Promise<PipelineCommand | Refusal> {
  switch (command.do) {
    case 'approve': {
      const view = await parts.query.deployment(command.deployment);
      return view === undefined ? command : withReach(command, view.release.version, parts);
    }
    case 'approve group':
      return withReachOfGroup(command, parts);
    case 'override':
      return withReach(command, command.version, parts);
    case 'revoke':
      return { ...command, descendants: await parts.query.bakedFrom(command.service, command.version) };
    default:
      return command;
  }
}

/** The same for each service of a group that waits for a word. */
async function withReachOfGroup(
  command: PipelineCommand & { do: 'approve group' },
  parts: Parts,
): Promise<PipelineCommand | Refusal> {
  const view = await parts.query.group(command.service, command.version);
  const found: Record<string, Verified> = {};
  for (const { service, version, deployments } of view?.members ?? []) {
    if (deployments[command.environment]?.stage !== 'approve') continue;
    const asked = { service, do: command.do, verified: command.found?.[service] ?? {} };
    const reached = await withReach(asked, version, parts);
    if (isRefusal(reached)) return { ...reached, sentence: `${service}: ${reached.sentence}` };
    found[service] = reached.verified;
  }
  return { ...command, found: { ...command.found, ...found } };
}

/** Whether the commit of a release can be reached from the branch, or is what a tag of the wanted kind points to. */
async function withReach<Command extends Reaching>(
  command: Command,
  version: number,
  { query, repositories, forge }: Parts,
): Promise<Command | Refusal> {
  const view = await query.release(command.service, version);
  if (view === undefined) return command;
  const { policy, release } = view;
  const { service, repository, branch, tags } = policy;
  const { sha, ref, isTag } = release.commit;
  const isReachable = async (): Promise<boolean> =>
    (await repositories.reachable({ service, repository, sha, branch })) ||
    (isTag === true &&
      isLike(ref, tags) &&
      (await repositories.find({ service, repository, ref })).sha === sha);
  try {
    // An override puts aside what cannot be asked: a repository that is away must not keep the shop closed.
    const reachable = await isReachable().catch((error: unknown) => {
      if (command.do === 'override' && error instanceof ProviderError) return false;
      throw error;
    });
    const checks = await checksOf(command, policy, sha, forge);
    const found = { reachable, ...(checks === undefined ? {} : { checks }) };
    return { ...command, verified: { ...command.verified, ...found } };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return refuse(
      'bad input',
      `It could not be found out whether this commit is on ${branch} and its checks are green, so nothing was done: ${error.message}`,
    );
  }
}

type Reaching = Pick<PipelineCommand, 'service' | 'do'> & { verified?: Verified };

/** How the required checks stand. An override does not need the forge: what cannot be asked is put aside as well. */
async function checksOf(
  command: Pick<PipelineCommand, 'do'>,
  { checks }: ServicePolicy,
  sha: string,
  forge: Forge | undefined,
): Promise<Check[] | undefined> {
  if (checks === undefined || forge === undefined) return undefined;
  try {
    return await forge.checks(checks, sha);
  } catch (error) {
    if (command.do === 'override' && error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** Whether a tag fits a pattern in which `*` stands for any text. */
function isLike(tag: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return false;
  const parts = pattern.split('*').map((part) => part.replace(/[^A-Za-z0-9]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}

function unknownService(service: string, known: string[]): Refusal {
  const list = known.length === 0 ? 'No service is configured yet.' : `There is: ${known.join(', ')}.`;
  return refuse('unknown service', `There is no service ${service.slice(0, 60)}. ${list}`);
}
