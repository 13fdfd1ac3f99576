import { desc } from 'drizzle-orm';
import fc from 'fast-check';
import { events } from '../../src/ledger/schema.ts';
import { type Actor, actorKey } from '../../src/pipeline/domain/actor.ts';
import { openCalendar } from '../../src/pipeline/domain/calendar.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import { type DeploymentStage, deploymentStages } from '../../src/pipeline/domain/deployment.ts';
import type { Freeze } from '../../src/pipeline/domain/installation.ts';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import type { Verified } from '../../src/pipeline/domain/verified.ts';
import { type CoreWorld, failed } from './core-world.ts';
import { ada, bob, environment, eve, policy } from './policies.ts';

const people: Actor[] = [
  ada,
  bob,
  eve,
  { kind: 'person', team: 'T2', user: 'UADA' },
  { kind: 'operator', account: 'root' },
];
export const within = 600_000;
export const holders = {
  bake: ['T1/UADA', 'T1/UBOB', 'T1/UEVE'],
  approve: ['T1/UADA', 'T1/SREL'],
  rollback: ['T1/UADA', 'T1/UBOB'],
  retire: ['T1/UADA'],
  lock: ['T1/UBOB'],
  override: ['T1/UADA'],
};

export type Move =
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
  /** The files ask for more people, or for one of a group, or for less again. */
  | { does: 'ask for'; who: number; pick: number }
  /** Nobody looks for a while, and a window of the configuration lies in it. */
  | { does: 'sleep'; who: number; pick: number }
  | { does: 'wait'; ms: number };

/** What the operators' files said, and when: the test's own record, apart from what the core made of it. */
export interface Said {
  /** `from`: the number of the newest event then. */
  asked: { approvals: number; oneOf: string[]; from: number }[];
  windows: Freeze[];
}

/** Mostly those who may: the others are refused, and a world of refusals proves little. */
const who = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 4);
const pick = fc.nat(30);
const doing = (weight: number, ...words: Exclude<Move['does'], 'wait'>[]) => ({
  weight,
  arbitrary: fc.record({ does: fc.constantFrom(...words), who, pick }) as fc.Arbitrary<Move>,
});
export const move: fc.Arbitrary<Move> = fc.oneof(
  doing(3, 'push'),
  doing(26, 'approve'),
  doing(4, 'stale', 'reject', 'deploy', 'give way'),
  doing(3, 'lock', 'unlock', 'freeze', 'unfreeze'),
  doing(1, 'override', 'revoke', 'stop'),
  doing(3, 'roll back'),
  doing(12, 'retry'),
  doing(6, 'break'),
  doing(1, 'settings'),
  doing(2, 'ask for'),
  doing(1, 'sleep'),
  doing(5, 'mend'),
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.oneof(fc.constant(5_000), fc.integer({ min: 0, max: 200_000 })),
    }),
  },
);

export const rules = (approvals: number, whenNewer: 'ask' | 'queue' | 'keep' | 'replace', oneOf: string[]) =>
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

export async function make(world: CoreWorld, step: Move, index: number, said: Said): Promise<void> {
  if (step.does === 'wait') return world.run(step.ms);
  if (step.does === 'break' || step.does === 'mend') {
    const outcome = step.does === 'break' ? failed('quota', 'full') : undefined;
    world.say = ({ kind, effect }) =>
      kind === 'launch' && effect.includes('production') ? outcome : undefined;
    return;
  }
  if (step.does === 'settings') return otherSettings(world, step.pick);
  if (step.does === 'ask for') return otherConsent(world, step.pick, said);
  if (step.does === 'sleep') return sleep(world, said);
  return ask(world, step, index);
}

type Asking = Exclude<Move, { does: 'wait' | 'break' | 'mend' | 'settings' | 'ask for' | 'sleep' }>;

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

function otherSettings(world: CoreWorld, pick: number): void {
  const settings = { digest: `sha256:${pick % 3}`, values: { GREETING: { value: `${pick % 3}` } } };
  change(world, { settings });
}

function otherConsent(world: CoreWorld, pick: number, said: Said): void {
  const asked = { approvals: pick % 3 === 0 ? 3 : 1, oneOf: pick % 4 === 0 ? ['T1/SREL'] : [] };
  change(world, asked);
  said.asked.push({ ...asked, from: newestEvent(world) });
}

/** The operators' files say something else of production from here on. */
function change(world: CoreWorld, more: Partial<EnvironmentPolicy>): void {
  const before = world.parts.policies.get('hello');
  if (before === undefined) return;
  const environments = before.environments.map((one) =>
    one.name === 'production' ? { ...one, ...more } : one,
  );
  Object.assign(world.parts, { policies: new Map([['hello', { ...before, environments }]]) });
}

function sleep(world: CoreWorld, { windows }: Said): void {
  const since = world.now + 1_000;
  windows.push({ id: `window.${since}`, scope: 'all', since, until: since + 1_000, name: 'night' });
  world.parts.calendar = () => ({
    ...openCalendar,
    windows: (at) => windows.filter((one) => one.since <= at && one.until > at),
    begun: (after, at) => windows.filter((one) => one.since > after && one.since <= at),
  });
  world.now += 3_000;
}

const newestEvent = ({ file }: CoreWorld): number =>
  file.db.select({ seq: events.seq }).from(events).orderBy(desc(events.seq)).limit(1).get()?.seq ?? 0;

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
