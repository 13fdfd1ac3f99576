import { decideGroup, type ForGroup, lookAtGroup } from '../decide/groups/decide.ts';
import type { GroupDecision, GroupFacts } from '../decide/groups/group-draft.ts';
import { theClock } from '../domain/actor.ts';
import { type Answer, isRefusal, type PipelineCommand, refuse } from '../domain/command.ts';
import type { Facts } from '../domain/facts.ts';
import type { GroupPolicy, GroupRelease } from '../domain/group.ts';
import { groupStream } from '../domain/group-event.ts';
import type { At } from '../domain/time.ts';
import { placeOf } from '../domain/workspace.ts';
import type { Batch, Loaded, LoadedGroup, Named } from '../ledger.ts';
import { loadClean, withoutSecrets } from './clean.ts';
import type { EngineParts } from './parts.ts';
import { leaveTrace, trailOf, withTexts } from './trail.ts';

const ofGroups = new Set<PipelineCommand['do']>([
  'request group',
  'approve group',
  'reject group',
  'cancel group',
  'deploy group',
  'roll back group',
] satisfies ForGroup['do'][]);
export const isForGroup = (command: PipelineCommand): command is ForGroup => ofGroups.has(command.do);

const mostTries = 10;

interface Request {
  policy: GroupPolicy;
  /** None: it is looked at, what has become of it. */
  command?: ForGroup | undefined;
}

type Whole = (facts: Loaded['facts'], policy: Facts['policy']) => Facts;

/**
 * Loads a group and all of its services, decides, and commits what follows for each of them in one transaction; again
 * when any of the facts had moved meanwhile. Nothing is written when nothing was decided.
 */
export async function decideForGroup(
  { policy, command }: Request,
  parts: EngineParts,
  whole: Whole,
  committed: () => void,
): Promise<Answer> {
  for (let tries = 0; tries < mostTries; tries++) {
    const known = await load(policy, command, parts, whole);
    const at = parts.now();
    const decision =
      command === undefined ? lookAtGroup(known.facts, at) : decideGroup(known.facts, command, at);
    if (isRefusal(decision)) {
      const answer = await withTexts(parts.ledger, decision);
      if (command !== undefined) await leaveTrace(command, answer, parts);
      return answer;
    }
    if (command === undefined && decision.events.length + decision.members.size === 0) return decision.answer;
    const answer = await withTexts(parts.ledger, decision.answer, textsOf(decision));
    const batches = batchesOf(
      { policy, command },
      known,
      { ...decision, answer: { ...decision.answer, ...answer } },
      parts,
      at,
    );
    const written = await parts.ledger.commitTogether(batches);
    if (written !== 'committed') continue;
    for (const [service, { events }] of decision.members) {
      const facts = known.facts.members.get(service);
      if (facts !== undefined) parts.observe?.(events, facts, at);
    }
    committed();
    return answer;
  }
  throw new Error(`The facts about ${policy.group} moved ${mostTries} times while a decision was made.`);
}

interface Known {
  facts: GroupFacts;
  group: LoadedGroup;
  /** Of each service: the versions of its streams. */
  versions: Map<string, Record<string, number>>;
}

async function load(
  policy: GroupPolicy,
  command: ForGroup | undefined,
  parts: EngineParts,
  whole: Whole,
): Promise<Known> {
  const group = await parts.ledger.loadGroup(policy.group);
  const members = new Map<string, Facts>();
  const versions = new Map<string, Record<string, number>>();
  let textRef: GroupFacts['textRef'] = (text) => text;
  for (const service of policy.services) {
    const of = parts.policies.get(service);
    if (of === undefined) continue;
    const loaded = await loadClean(parts, service, namedIn(group.releases, service, command));
    members.set(service, whole(loaded.facts, of));
    versions.set(service, loaded.versions);
    textRef = loaded.facts.textRef;
  }
  const releases = new Map(group.releases.map((row) => [row.number, row]));
  return { facts: { policy, nextNumber: group.nextNumber, releases, members, textRef }, group, versions };
}

/** What the releases of a group name of one service: they may be long over. */
function namedIn(rows: readonly GroupRelease[], service: string, command: ForGroup | undefined): Named {
  const runs = rows.flatMap(({ runs }) => Object.values(runs));
  const wanted = runs.flatMap(({ before, after, back }) => [
    before?.[service],
    after?.[service],
    back?.steps.find(({ member }) => member === service)?.to,
  ]);
  const members = rows.flatMap(
    ({ members }) => members.find((one) => one.service === service)?.version ?? [],
  );
  const deployments = runs.flatMap(({ seats, back }) => [
    seats[service]?.deployment,
    back?.steps.find(({ member }) => member === service)?.deployment,
  ]);
  const carried =
    command?.do === 'request group'
      ? command.wishes.map((wish) => (wish.service === service ? wish.carry : undefined))
      : [];
  return {
    sha: command?.do === 'request group' ? command.commit.sha : undefined,
    versions: [...members, ...wanted, ...carried].filter((version) => version !== undefined),
    deployments: deployments.filter((id) => id !== undefined),
  };
}

const textsOf = ({ texts, members }: GroupDecision): GroupDecision['texts'] =>
  Object.assign({}, texts, ...[...members.values()].map((one) => one.texts));

/** The group's own events, and what follows for each service, with where its cards belong. */
function batchesOf(
  { policy, command }: Request,
  { group, versions, facts: { textRef } }: Known,
  decision: GroupDecision,
  parts: EngineParts,
  at: At,
): Batch[] {
  const by = command?.by ?? theClock;
  const trail = command && trailOf(command, decision.answer, decision.grants, textRef);
  const own: Batch = {
    ...{ at, by, orders: [], stop: [], ...placeOf(policy) },
    expect: { [groupStream(policy.group)]: group.version },
    events: [...decision.events, ...(trail?.events ?? [])],
    texts: withoutSecrets(parts, { ...decision.texts, ...trail?.texts }),
  };
  // Each service's facts were read: what was decided holds for all of them as they were, or for none.
  const members = [...versions].flatMap(([service, expect]): Batch[] => {
    const of = parts.policies.get(service);
    if (of === undefined) return [];
    const { events = [], texts = {}, orders = [], stop = [] } = decision.members.get(service) ?? {};
    const kept = { events, orders, stop, texts: withoutSecrets(parts, texts) };
    return [{ at, by, expect, ...kept, ...placeOf(of), outward: of }];
  });
  return [own, ...members];
}

/** A name from outside names no stream. */
export async function unknownGroup(
  name: string,
  command: ForGroup | undefined,
  parts: EngineParts,
): Promise<Answer> {
  const unknown = refuse(
    'unknown service',
    `There is no group ${name.slice(0, 60)}. See /bake status for what there is.`,
  );
  if (command !== undefined) await leaveTrace({ ...command, service: 'all' }, unknown, parts);
  return unknown;
}
