import fc from 'fast-check';
import { type GroupWish, isRefusal } from '../../src/pipeline/domain/command.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { failed } from './core-world.ts';
import { GroupWorld, shopServices } from './group-world.ts';
import { ada, bob } from './policies.ts';

type Fault = 'unhealthy' | 'busy' | 'worker lost';

export type GroupMove =
  | { does: 'ship' | 'begin'; services: string[]; takesAlong: boolean }
  | { does: 'wait'; ms: number }
  | { does: 'approve' | 'reject' | 'cancel' | 'roll back'; both: boolean }
  | { does: 'roll back to'; version: number }
  | { does: 'cancel one' | 'roll back one' | 'lock one' | 'unlock one' | 'kill one'; service: string }
  | { does: 'break'; kind: string; service: string; fault: Fault; times: number }
  | { does: 'lose the queue' | 'crash' };

const service = fc.constantFrom(...shopServices);
const both = fc.boolean();
export const groupMove: fc.Arbitrary<GroupMove> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('ship' as const),
      services: fc.subarray([...shopServices], { minLength: 1 }),
      takesAlong: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('begin' as const),
      services: fc.subarray([...shopServices], { minLength: 1 }),
      takesAlong: fc.boolean(),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('approve' as const), both }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('reject' as const, 'cancel' as const, 'roll back' as const),
      both,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('roll back to' as const),
      version: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom(
        ...(['cancel one', 'roll back one', 'lock one', 'unlock one', 'kill one'] as const),
      ),
      service,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('break' as const),
      kind: fc.constantFrom('build', 'launch', 'admit', 'shift', 'watch', 'terminate', 'verify'),
      service,
      fault: fc.constantFrom<Fault>('unhealthy', 'busy', 'worker lost'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('lose the queue' as const, 'crash' as const) }) },
);

/** Three services in which the next attempts fail as the moves say. */
export class FaultyGroup extends GroupWorld {
  readonly broken: { kind: string; service: string; fault: Fault; left: number }[] = [];
  killed = 0;

  constructor() {
    super({ group: { soak: 8_000 } });
    for (const [name, of] of this.policies)
      this.policies.set(name, { ...of, people: { ...of.people, lock: ['*'] } });
    this.say = (attempt: Attempt) => {
      const fault = this.broken.find(
        (one) => one.left > 0 && one.kind === attempt.kind && attempt.effect.includes(one.service),
      );
      if (fault === undefined) return undefined;
      fault.left -= 1;
      return failed(fault.fault, `${attempt.kind} failed on purpose`);
    };
  }
}

const production = { service: 'shop', environment: 'production' } as const;

export async function makeGroupMove(world: FaultyGroup, step: GroupMove, index: number): Promise<void> {
  const newest = world.allOfGroup().length;
  const by = index % 2 === 0 ? ada : bob;
  switch (step.does) {
    case 'ship': {
      await world.wish(`commit ${index}`, wishesOf(world, step), by);
      return;
    }
    case 'begin': {
      const answer = await world.wish(`commit ${index}`, wishesOf(world, step), by);
      await world.run(10_000);
      if (!isRefusal(answer)) await world.approveAll(newest + 1);
      return;
    }
    case 'wait':
      return world.run(step.ms);
    case 'break':
      world.broken.push({ ...step, left: step.times });
      return;
    case 'lose the queue':
      world.queue.empty();
      return;
    case 'crash':
      world.crash();
      return;
    case 'roll back':
    case 'roll back to': {
      const to = step.does === 'roll back to' ? { version: step.version } : {};
      await world.do({ do: 'roll back group', ...production, ...to, by });
      return;
    }
    case 'approve':
    case 'reject':
    case 'cancel':
      for (const number of step.both ? [newest, newest - 1] : [newest])
        if (number > 0) await decide(world, step.does, number);
      return;
    default:
      await toOne(world, step.does, step.service);
  }
}

/** What the commit does not change goes along with its newest release, as the front door would have it. */
const wishesOf = (
  world: FaultyGroup,
  { services, takesAlong }: { services: string[]; takesAlong: boolean },
) =>
  shopServices.flatMap((service): GroupWish[] => {
    if (services.includes(service)) return [{ service }];
    const newest = world.newestVersion(service);
    return takesAlong && newest > 0 ? [{ service, carry: newest }] : [];
  });

async function decide(world: FaultyGroup, does: 'approve' | 'reject' | 'cancel', version: number) {
  if (does === 'approve') await world.approveAll(version, ada);
  if (does === 'reject')
    await world.do({ do: 'reject group', ...production, version, reason: 'not today', by: ada });
  if (does === 'cancel') await world.do({ do: 'cancel group', service: 'shop', version, by: ada });
}

async function toOne(world: FaultyGroup, does: string, service: string): Promise<void> {
  const here = { service, environment: 'production', by: ada } as const;
  if (does === 'lock one') await world.do({ do: 'lock', ...here, reason: 'a look' });
  if (does === 'unlock one') await world.do({ do: 'unlock', ...here });
  if (does === 'roll back one') await world.do({ do: 'roll back', ...here });
  const [open] = world.of(service)?.open ?? [];
  if (does === 'cancel one' && open !== undefined) {
    const answer = await world.do({ do: 'cancel deployment', service, deployment: open, by: ada });
    if (isRefusal(answer) && answer.refused === 'not allowed') throw new Error(answer.sentence);
  }
  if (does !== 'kill one') return;
  const [instance] = world.of(service)?.live?.instances ?? [];
  if (instance === undefined || !world.running.delete(instance.id)) return;
  world.killed += 1;
}
