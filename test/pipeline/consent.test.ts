import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { events } from '../../src/ledger/schema.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import { type Actor, actorKey } from '../../src/pipeline/domain/actor.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import {
  type Approval,
  type DeploymentStage,
  deploymentStages,
  type Override,
} from '../../src/pipeline/domain/deployment.ts';
import type { Verified } from '../../src/pipeline/domain/verified.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

/** CI repeats itself; `BAKERY_PROPERTY_SEED=$RANDOM` looks elsewhere. */
const seeded = { seed: Number(process.env.BAKERY_PROPERTY_SEED ?? 20_261_125) };

const people: Actor[] = [
  ada,
  bob,
  eve,
  { kind: 'person', team: 'T2', user: 'UADA' },
  { kind: 'operator', account: 'root' },
];
const within = 600_000;
const holders = {
  bake: ['T1/UADA', 'T1/UBOB', 'T1/UEVE'],
  approve: ['T1/UADA', 'T1/SREL'],
  rollback: ['T1/UADA', 'T1/UBOB'],
  retire: ['T1/UADA'],
  lock: ['T1/UBOB'],
  override: ['T1/UADA'],
};

type Move =
  | {
      does: 'push' | 'approve' | 'stale' | 'reject' | 'deploy' | 'override' | 'revoke';
      who: number;
      pick: number;
    }
  | {
      does: 'lock' | 'unlock' | 'freeze' | 'unfreeze' | 'roll back' | 'give way' | 'stop' | 'retry';
      who: number;
      pick: number;
    }
  /** From here on launches fail, or do so no more; and other settings in the files. */
  | { does: 'break'; who: number; pick: number }
  | { does: 'mend'; who: number; pick: number }
  | { does: 'settings'; who: number; pick: number }
  | { does: 'wait'; ms: number };

/** Mostly those who may: the others are refused, and a world of refusals proves little. */
const who = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 4);
const pick = fc.nat(30);
const doing = (weight: number, ...words: Exclude<Move['does'], 'wait'>[]) => ({
  weight,
  arbitrary: fc.record({ does: fc.constantFrom(...words), who, pick }) as fc.Arbitrary<Move>,
});
const move: fc.Arbitrary<Move> = fc.oneof(
  doing(3, 'push'),
  doing(24, 'approve'),
  doing(4, 'stale', 'reject', 'deploy', 'give way'),
  doing(3, 'lock', 'unlock', 'freeze', 'unfreeze'),
  doing(1, 'override', 'revoke', 'stop'),
  doing(3, 'roll back'),
  doing(10, 'retry'),
  doing(5, 'break'),
  doing(1, 'settings'),
  doing(5, 'mend'),
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.oneof(fc.constant(5_000), fc.integer({ min: 0, max: 200_000 })),
    }),
  },
);

const rules = (approvals: number, whenNewer: 'ask' | 'queue' | 'keep' | 'replace', oneOf: string[]) =>
  policy({
    people: holders,
    environments: [
      environment('dev', 4001),
      environment('production', 4003, {
        promotion: 'approval',
        approvals,
        selfApproval: false,
        approveWithin: within,
        whenNewer,
        oneOf,
        production: true,
      }),
    ],
  });

/** What Slack would say of a person: Bob is in the group, Eve is the author of every second commit. */
const verifiedOf = (by: Actor, version: number, index: number): Verified => ({
  reachable: index % 11 !== 0,
  groups: actorKey(by) === 'T1/UBOB' ? { in: ['T1/SREL'], askedAt: 1 } : { in: [], askedAt: 1 },
  author: version % 2 === 0 ? { is: 'person', key: 'T1/UEVE' } : { is: 'nobody' },
});

async function make(world: CoreWorld, step: Move, index: number): Promise<void> {
  if (step.does === 'wait') return world.run(step.ms);
  if (step.does === 'break' || step.does === 'mend') {
    const outcome = step.does === 'break' ? failed('quota', 'full') : undefined;
    world.say = ({ kind, effect }) =>
      kind === 'launch' && effect.includes('production') ? outcome : undefined;
    return;
  }
  if (step.does === 'settings') return otherSettings(world, step.pick);
  return ask(world, step, index);
}

type Asking = Exclude<Move, { does: 'wait' } | { does: 'break' } | { does: 'mend' } | { does: 'settings' }>;

/** What a person asks for, with what Slack would say of him. */
async function ask(world: CoreWorld, step: Asking, index: number): Promise<void> {
  // What the approvers ask for themselves they cannot approve: Eve pushes most.
  const by = (step.does === 'push' && index % 4 !== 0 ? eve : people[step.who]) ?? ada;
  const open = (world.ledgerSlot('production')?.open ?? []).map((id) => world.deployment(id));
  const chosen = open[step.pick % Math.max(1, open.length)];
  const version = 1 + (step.pick % Math.max(1, world.releases().length));
  const verified = verifiedOf(by, chosen?.version ?? version, index);
  const order = orderOf(world, step, { by, version, verified, chosen: chosen?.id });
  if (order !== undefined) await world.do(order);
}

/** The operators' files say something else of production from here on. */
function otherSettings(world: CoreWorld, pick: number): void {
  const before = world.parts.policies.get('hello');
  if (before === undefined) return;
  const settings = { digest: `sha256:${pick % 3}`, values: { GREETING: { value: `${pick % 3}` } } };
  const environments = before.environments.map((one) =>
    one.name === 'production' ? { ...one, settings } : one,
  );
  Object.assign(world.parts, { policies: new Map([['hello', { ...before, environments }]]) });
}

/** One of those deployments to production that failed. */
function failedOne(world: CoreWorld, pick: number): { id: string; stage: DeploymentStage } | undefined {
  const found = world
    .deploymentIds()
    .map((id) => world.deployment(id))
    .filter(({ environment: place, state }) => place === 'production' && state === 'failed');
  const one = found[pick % Math.max(1, found.length)];
  const stage = deploymentStages.find((name) => name === one?.failure?.stage);
  return one === undefined || stage === undefined ? undefined : { id: one.id, stage };
}

interface Chosen {
  by: Actor;
  version: number;
  verified: Verified;
  chosen: string | undefined;
}

function orderOf(
  world: CoreWorld,
  step: Asking,
  { by, version, verified, chosen }: Chosen,
): PipelineCommand | undefined {
  const service = 'hello';
  const place = { service, environment: 'production', by, verified };
  switch (step.does) {
    case 'push':
      return {
        do: 'request release',
        service,
        by,
        verified,
        commit: {
          sha: `${step.pick}${world.now}`.padStart(40, '0'),
          ref: 'main',
          subject: 's',
          author: 'a',
          email: 'e@x',
        },
      };
    case 'approve':
    case 'stale': {
      if (chosen === undefined) return undefined;
      const { image, plan } = world.deployment(chosen);
      const digest = step.does === 'stale' ? `${image.digest}0` : image.digest;
      return {
        do: 'approve',
        service,
        deployment: chosen,
        image: digest,
        settings: plan.settings.digest,
        by,
        verified,
      };
    }
    case 'reject':
      return chosen === undefined
        ? undefined
        : { do: 'reject', service, deployment: chosen, reason: 'no', by, verified };
    case 'give way': {
      const choice = (['replace', 'queue', 'keep'] as const)[step.pick % 3] ?? 'keep';
      return chosen === undefined
        ? undefined
        : { do: 'give way', service, deployment: chosen, choice, by, verified };
    }
    case 'deploy':
      return { do: 'deploy', ...place, version };
    case 'override':
      return { do: 'override', ...place, version, reason: 'because' };
    case 'revoke':
      return { do: 'revoke', service, version, reason: 'bad', by, verified };
    case 'roll back':
      return { do: 'roll back', ...place };
    case 'retry': {
      const one = failedOne(world, step.pick);
      return one && { do: 'retry deployment', service, deployment: one.id, stage: one.stage, by, verified };
    }
    case 'lock':
      return { do: 'lock', ...place, reason: 'a look', until: world.now + 100_000 };
    case 'unlock':
      return { do: 'unlock', ...place };
    case 'freeze':
      return { do: 'freeze', service, reason: 'a look', until: world.now + 200_000, by, verified };
    case 'unfreeze':
      return { do: 'unfreeze', service, by, verified };
    case 'stop':
      return { do: 'stop', service, reason: 'a look', by, verified };
  }
}

/** Reads the events by rules of its own, and names everything that went to production without what it needed. */
function wrongs(world: CoreWorld, approvals: number, oneOf: string[]): string[] {
  const given = new Map<string, Approval[]>();
  const overridden = new Map<string, Override>();
  const orders = new Map<string, { kind: string; by: Actor[]; image: string; settings: string }>();
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
          settings: event.order.plan.settings.digest,
        });
        overtaken.delete(event.version);
        break;
      case 'DeploymentRetried': {
        const before = orders.get(event.deployment);
        if (before === undefined) break;
        const settings = event.plan.settings.digest;
        orders.set(event.deployment, { ...before, by: [...before.by, event.by], settings });
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
        const yes = given.get(event.deployment) ?? [];
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
        if (oneOf.length > 0 && !counted.has('T1/UBOB')) wrong.push(`${event.deployment}: none of the group`);
        break;
      }
      default:
    }
  }
  return wrong;
}

const rightOf: Partial<Record<PipelineCommand['do'], keyof typeof holders>> = {
  approve: 'approve',
  reject: 'approve',
  'roll back': 'rollback',
  lock: 'lock',
  unlock: 'lock',
  freeze: 'lock',
  unfreeze: 'lock',
  revoke: 'lock',
  override: 'override',
};

/** Whether this person may, by the test's own reading of the table above. */
function mayDo(by: Actor, right: keyof typeof holders): boolean {
  if (by.kind === 'operator') return right !== 'approve' && right !== 'override';
  return holders[right].includes(actorKey(by)) || (right === 'approve' && actorKey(by) === 'T1/UBOB');
}

const setting = fc.record({
  approvals: fc.constantFrom(1, 2),
  whenNewer: fc.constantFrom('ask' as const, 'queue' as const, 'keep' as const, 'replace' as const),
  oneOf: fc.constantFrom<string[]>([], ['T1/SREL']),
});

describe('whatever people press, in whatever order', () => {
  it('nothing goes live without the approvals that it needed for that digest at that moment', async () => {
    let launched = 0;
    let retried = 0;
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(move, { minLength: 40, maxLength: 100 }),
        async ({ approvals, whenNewer, oneOf }, moves) => {
          const world = new CoreWorld(rules(approvals, whenNewer, oneOf));
          for (const [index, step] of moves.entries()) await make(world, step, index);
          await world.run(60_000);
          expect(wrongs(world, approvals, oneOf)).toEqual([]);
          retried += world
            .trail()
            .filter(
              ({ command, outcome }) => command === 'retry deployment' && outcome === 'accepted',
            ).length;
          launched += world
            .deploymentIds()
            .map((id) => world.deployment(id))
            .filter(({ environment: place, wentLive }) => place === 'production' && wentLive).length;
        },
      ),
      { ...seeded, numRuns: Number(process.env.BAKERY_PROPERTY_RUNS ?? 60) },
    );
    // The moves reach what they are about.
    expect(launched).toBeGreaterThan(20);
    expect(retried).toBeGreaterThan(10);
  }, 120_000);

  it('every accepted command was asked by one who held the right, and the trail names the role', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 30 }), async (moves) => {
        const world = new CoreWorld(rules(1, 'ask', []));
        for (const [index, step] of moves.entries()) await make(world, step, index);
        for (const { command, by, outcome, grants } of world.trail()) {
          const right = command === 'ask' ? undefined : rightOf[command];
          if (outcome !== 'accepted' || right === undefined) continue;
          expect(mayDo(by, right), `${actorKey(by)} ${command}`).toBe(true);
          expect(grants.some((grant) => grant.right === right)).toBe(true);
        }
      }),
      { ...seeded, numRuns: 30 },
    );
  }, 120_000);
});
