import { askedToday } from '../pipeline/domain/asked-today.ts';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { groupOf, waitsWithGroup } from '../pipeline/domain/gate.ts';
import { activeRung, type GroupPolicy, type GroupRelease } from '../pipeline/domain/group.ts';
import type { Freeze } from '../pipeline/domain/installation.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Queries } from '../pipeline/pipeline.ts';
import type { GroupMemberView, GroupView } from '../pipeline/views.ts';
import type { ChangesBetween } from './changes.ts';
import type { Db } from './db.ts';
import { decisionFacts } from './decision.ts';
import { tableRows } from './rows.ts';
import { statements } from './statements.ts';
import { readTexts } from './texts.ts';

interface Parts {
  db: Db;
  groups: ReadonlyMap<string, GroupPolicy>;
  policyOf(service: string): ServicePolicy | undefined;
  frozenIn(policy: ServicePolicy): Record<string, Freeze>;
  now(): At;
  /** What separates two releases; unset: nothing can be told of it. */
  changes: ChangesBetween | undefined;
}

/** What people ask of groups of services. Reads only. */
export function groupQueries(parts: Parts): Pick<Queries, 'groups' | 'group' | 'groupHistory'> {
  const { db, groups } = parts;
  const on = statements(db);
  const newest = (group: string, limit: number): GroupRelease[] =>
    on.newestOfGroup.all({ group, limit }).map(({ row }) => row);
  const view = (row: GroupRelease | undefined): GroupView | undefined => {
    const policy = row && groups.get(row.group);
    return row === undefined || policy === undefined ? undefined : viewOf(parts, policy, row);
  };
  return {
    groups: () => [...groups.values()],
    group: async (group, number) =>
      decided(parts, view(number === undefined ? newest(group, 1)[0] : tableRows(db).group(group, number))),
    groupHistory: async (group, limit) => newest(group, limit).flatMap((row) => view(row) ?? []),
  };
}

function viewOf(parts: Parts, policy: GroupPolicy, release: GroupRelease): GroupView {
  const members = release.members.map((one) => memberOf(parts, release, one));
  const held = members.map(({ slots, frozen }) => [Object.values(slots).map(({ lock }) => lock), frozen]);
  const told = members.flatMap((one) => [one.release, ...Object.values(one.deployments)]);
  return {
    policy,
    release,
    members,
    texts: readTexts(parts.db, [release, held, told]),
    now: parts.now(),
  };
}

function memberOf(
  { db, policyOf, frozenIn }: Parts,
  row: GroupRelease,
  { service, version }: GroupRelease['members'][number],
): GroupMemberView {
  const rows = tableRows(db);
  const policy = policyOf(service);
  const release = rows.release(service, version);
  const deployments: Record<string, Deployment> = {};
  const slots: Record<string, Slot> = {};
  for (const name of row.environments) {
    const slot = rows.slot(service, name);
    if (slot !== undefined) slots[name] = slot;
    const named = row.runs[name]?.seats[service]?.deployment;
    const ids = named === undefined ? (slot?.open ?? []) : [named];
    const found = ids
      .flatMap((id) => rows.deployment(id) ?? [])
      .find((one) => one.version === version && (named !== undefined || groupOf(one, release) !== undefined));
    if (found !== undefined) deployments[name] = policy === undefined ? found : askedToday(found, policy);
  }
  return {
    ...{ service, version, deployments, slots },
    ...(policy === undefined ? {} : { policy }),
    ...(release === undefined ? {} : { release }),
    frozen: policy === undefined ? {} : frozenIn(policy),
  };
}

/** With what an approver has to know of each service that waits for a word. */
async function decided(
  { db, changes, now }: Parts,
  view: GroupView | undefined,
): Promise<GroupView | undefined> {
  if (view === undefined || changes === undefined) return view;
  const where = activeRung(view.release);
  const members = view.members.map(async (member): Promise<GroupMemberView> => {
    const deployment = where === undefined ? undefined : member.deployments[where];
    const { policy } = member;
    if (policy === undefined || deployment === undefined || !waitsWithGroup(deployment)) return member;
    const slot = member.slots[deployment.environment];
    return { ...member, decision: await decisionFacts(db, policy, deployment, slot, changes, now()) };
  });
  return { ...view, members: await Promise.all(members) };
}
