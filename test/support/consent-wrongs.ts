import { events } from '../../src/ledger/schema.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import { type Actor, actorKey } from '../../src/pipeline/domain/actor.ts';
import type { Approval, Override } from '../../src/pipeline/domain/deployment.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { holders, type Said, within } from './consent-moves.ts';
import type { CoreWorld } from './core-world.ts';

interface Order {
  kind: string;
  by: Actor[];
  image: string;
  settings: string;
  approvals: number;
  oneOf: string[];
}

const consentOf = ({ settings, approvals, oneOf = [] }: EnvironmentPolicy) => ({
  settings: settings.digest,
  approvals,
  oneOf,
});

/** Reads the events by rules of its own, and names everything that went to production without what it needed. */
export function wrongs(world: CoreWorld, { asked, windows }: Said): string[] {
  const given = new Map<string, Approval[]>();
  const overridden = new Map<string, Override>();
  const orders = new Map<string, Order>();
  const overtaken = new Set<number>();
  /** Those that are live take the lease once more, to retire what they took the place of. */
  const wentLive = new Set<string>();
  const quarantined = new Set<number>();
  let live: number | undefined;
  const requesters = new Map<number, Actor>();
  const revoked = new Set<string>();
  let frozenUntil = 0;
  let lockedUntil = 0;
  const wrong: string[] = [];
  for (const row of world.file.db.select().from(events).orderBy(events.seq).all()) {
    const event = upcast(row.shape, row.body);
    switch (event.type) {
      case 'ReleaseRequested':
        requesters.set(event.version, event.by);
        break;
      case 'DeploymentRequested':
        orders.set(event.deployment, {
          kind: event.order.kind,
          by: [event.order.requestedBy],
          image: event.order.image.digest,
          ...consentOf(event.order.plan),
        });
        overtaken.delete(event.version);
        break;
      case 'DeploymentRetried': {
        const before = orders.get(event.deployment);
        if (before === undefined) break;
        orders.set(event.deployment, { ...before, by: [...before.by, event.by], ...consentOf(event.plan) });
        overridden.delete(event.deployment);
        if (event.stage !== 'retire') wentLive.delete(event.deployment);
        if (before.kind === 'rollback' && !mayDo(event.by, 'rollback'))
          wrong.push(`${event.deployment}: a rollback tried again by who may not roll back`);
        break;
      }
      case 'ReleaseOvertaken':
        overtaken.add(event.version);
        break;
      case 'ReleaseQuarantined':
        if (event.environments.includes('production')) quarantined.add(event.version);
        break;
      case 'QuarantineLifted':
        quarantined.delete(event.version);
        break;
      case 'WentLive':
      case 'TrafficReturned':
        if (event.environment === 'production') live = event.version;
        wentLive.add(event.deployment);
        break;
      case 'DeploymentApproved': {
        // Who asked before his yes does not count; who tries it again after it takes nothing back.
        const asked = [...(orders.get(event.deployment)?.by ?? []), requesters.get(event.version)];
        const isHis = asked.some((one) => one && actorKey(one) === actorKey(event.approval.by));
        if (!isHis) given.set(event.deployment, [...(given.get(event.deployment) ?? []), event.approval]);
        break;
      }
      case 'ApprovalsVoided':
        given.delete(event.deployment);
        break;
      case 'DeploymentOverridden':
        overridden.set(event.deployment, event.override);
        break;
      case 'FreezeOrdered':
        frozenUntil = event.freeze.until;
        break;
      case 'FreezeLifted':
        frozenUntil = 0;
        break;
      case 'SlotLocked':
        if (event.environment === 'production') lockedUntil = event.lock.until;
        break;
      case 'SlotUnlocked':
        if (event.environment === 'production') lockedUntil = 0;
        break;
      case 'ImageRevoked':
        for (const { digest } of event.revocation.images) revoked.add(digest);
        break;
      case 'LeaseTaken': {
        const order = orders.get(event.deployment);
        if (event.environment !== 'production' || order === undefined) break;
        if (wentLive.has(event.deployment)) break;
        if (revoked.has(order.image)) wrong.push(`${event.deployment}: a revoked image`);
        if (order.kind === 'repair' && live !== event.version)
          wrong.push(`${event.deployment}: a repair of what is not live`);
        if (order.kind !== 'release') break;
        const override = overridden.get(event.deployment);
        if (override !== undefined) {
          if (actorKey(override.by) !== 'T1/UADA') wrong.push(`${event.deployment}: overridden by another`);
          break;
        }
        if (overtaken.has(event.version)) wrong.push(`${event.deployment}: something newer took its place`);
        if (quarantined.has(event.version)) wrong.push(`${event.deployment}: in quarantine`);
        if (frozenUntil > row.at) wrong.push(`${event.deployment}: in a freeze`);
        if (lockedUntil > row.at) wrong.push(`${event.deployment}: under a lock`);
        const today = asked.findLast(({ from }) => from < row.seq);
        const approvals = Math.max(order.approvals, today?.approvals ?? 0);
        const frozenAt = Math.max(0, ...windows.map(({ since }) => since).filter((since) => since <= row.at));
        const yes = (given.get(event.deployment) ?? []).filter(({ at }) => at > frozenAt);
        const known = event.version % 2 === 0;
        const counted = new Set(
          yes
            .filter(
              ({ image, settings, at }) =>
                image === order.image && settings === order.settings && row.at - at <= within,
            )
            .map(({ by }) => actorKey(by))
            .filter((key) => key === 'T1/UADA' || key === 'T1/UBOB'),
        );
        if (counted.size < (known ? approvals : Math.max(approvals, 2)))
          wrong.push(`${event.deployment}: ${counted.size} approvals`);
        const oneOf = [...order.oneOf, ...(today?.oneOf ?? [])];
        if (oneOf.length > 0 && !counted.has('T1/UBOB')) wrong.push(`${event.deployment}: none of the group`);
        break;
      }
      default:
    }
  }
  return wrong;
}

/** Whether this person may, by the test's own reading of the table above. */
export function mayDo(by: Actor, right: keyof typeof holders): boolean {
  if (by.kind === 'operator') return right !== 'approve' && right !== 'override';
  return holders[right].includes(actorKey(by)) || (right === 'approve' && actorKey(by) === 'T1/UBOB');
}
