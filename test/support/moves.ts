import fc from 'fast-check';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { CoreWorld, failed } from './core-world.ts';
import { ada, bob } from './policies.ts';

/** CI repeats itself; `BAKERY_PROPERTY_SEED=$RANDOM` looks elsewhere. */
export const seeded = { seed: Number(process.env.BAKERY_PROPERTY_SEED ?? 20_261_124) };

type Move =
  | { does: 'push' }
  | { does: 'wait'; ms: number }
  | { does: 'approve' | 'reject' | 'cancel' | 'retire' | 'retry'; pick: number }
  | { does: 'roll back'; version: number | undefined }
  | {
      does: 'break';
      kind: string;
      fault: 'unhealthy' | 'busy' | 'worker lost' | 'tests failed';
      times: number;
    }
  | { does: 'lose the queue' }
  | { does: 'kill an instance'; pick: number };

const pick = fc.nat(20);
export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Move>({ does: 'push' }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('approve' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('reject' as const, 'cancel' as const, 'retire' as const, 'retry' as const),
      pick,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('roll back' as const),
      version: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('break' as const),
      kind: fc.constantFrom(
        'build',
        'bake',
        'launch',
        'verify',
        'admit',
        'shift',
        'watch',
        'drain',
        'terminate',
        'survey',
      ),
      fault: fc.constantFrom(
        'unhealthy' as const,
        'busy' as const,
        'worker lost' as const,
        'tests failed' as const,
      ),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Move>({ does: 'lose the queue' }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('kill an instance' as const), pick }) },
);

/** A world in which some of the next attempts fail as the moves say. */
export class FaultyWorld extends CoreWorld {
  readonly broken = new Map<
    string,
    { fault: 'unhealthy' | 'busy' | 'worker lost' | 'tests failed'; left: number }
  >();
  killed = 0;

  constructor(of?: ServicePolicy) {
    super(of);
    this.say = (attempt: Attempt) => {
      const fault = this.broken.get(attempt.kind);
      if (fault === undefined || fault.left === 0) return undefined;
      fault.left -= 1;
      return failed(fault.fault, `${attempt.kind} failed on purpose`);
    };
  }
}

export async function make(world: FaultyWorld, step: Move, index: number): Promise<void> {
  const open = (world.ledgerSlot('production')?.open ?? []).map((id) => world.deployment(id));
  const chosen = 'pick' in step ? open[step.pick % Math.max(1, open.length)] : undefined;
  switch (step.does) {
    case 'push':
      await world.push(`commit ${index}`, index % 2 === 0 ? ada : bob);
      return;
    case 'wait':
      return world.run(step.ms);
    case 'break':
      world.broken.set(step.kind, { fault: step.fault, left: step.times });
      return;
    case 'roll back':
      await world.do({
        do: 'roll back',
        service: 'hello',
        environment: 'production',
        by: ada,
        ...(step.version === undefined ? {} : { version: step.version }),
      });
      return;
    case 'lose the queue':
      world.queue.empty();
      return;
    case 'kill an instance': {
      const ids = [...world.running];
      const id = ids[step.pick % Math.max(1, ids.length)];
      if (id === undefined) return;
      world.running.delete(id);
      world.killed += 1;
      return;
    }
    default:
      if (chosen !== undefined) await press(world, step.does, chosen.id);
  }
}

async function press(world: FaultyWorld, does: string, deployment: string): Promise<void> {
  const about = { service: 'hello', deployment, by: ada };
  if (does === 'approve') await world.approve(deployment);
  if (does === 'reject') await world.do({ do: 'reject', ...about, reason: 'not today' });
  if (does === 'cancel') await world.do({ do: 'cancel deployment', ...about });
  if (does === 'retire') await world.do({ do: 'retire', ...about });
  if (does === 'retry')
    await world.do({ do: 'retry deployment', ...about, stage: world.deployment(deployment).stage });
}

/** Everything that should run, by the ledger. */
export function wanted(world: CoreWorld): Set<string> {
  const slots = ['dev', 'production'].flatMap((name) => world.ledgerSlot(name) ?? []);
  return new Set(
    slots
      .flatMap(({ live, beside }) => [...(live?.instances ?? []), ...(beside?.instances ?? [])])
      .map(({ id }) => id),
  );
}
