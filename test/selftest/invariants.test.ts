import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Evidence } from '../../src/selftest/evidence.ts';
import { breaches } from '../../src/selftest/invariants/index.ts';
import { commandOf } from '../../src/selftest/people.ts';
import { Random } from '../../src/selftest/random.ts';
import { service } from '../../src/selftest/scene.ts';
import { SimulatedWorld } from '../../src/selftest/simulated/world.ts';

let world: SimulatedWorld;

/** v1 is live everywhere, and all is as it should be. */
beforeEach(async () => {
  world = new SimulatedWorld({ count: 1, tokens: true, workers: 2, eager: true, haste: 1 }, new Random(1));
  onTestFinished(() => world.close());
  const push = commandOf({ do: 'push', number: 1 }, world.ledger(), service);
  if (push !== undefined) world.ask(push);
  await world.timeline.runUntil(world.timeline.now + 90_000);
  expect(breaches(await world.evidence())).toEqual([]);
});

/** The same evidence with something changed behind everybody's back. */
async function changed(change: (evidence: Evidence) => void): Promise<string> {
  const evidence = structuredCloneOf(await world.evidence());
  change(evidence);
  return breaches(evidence).join('\n');
}

/** The ledger's rows are shared with its cache: they are copied before a test changes them. */
const structuredCloneOf = (evidence: Evidence): Evidence => ({
  ...evidence,
  ledger: structuredClone(evidence.ledger),
});

const only = <T>(from: Iterable<T>): T => {
  const [first] = from;
  if (first === undefined) throw new Error('there is none');
  return first;
};

describe('a breach is seen', () => {
  it('when something runs that belongs to nothing', async () => {
    const said = await changed(({ books }) => {
      const it = only(books.there());
      const instance = { ...it.instance, id: 'stray' };
      books.instances.set('stray', { ...it, instance, mark: { ...it.mark, effect: 'stray' } });
    });
    expect(said).toContain('stray is left over.');
  });

  it('when two were made for one effect', async () => {
    const said = await changed(({ books }) => {
      const it = only(books.there());
      books.instances.set('twin', { ...it, instance: { ...it.instance, id: 'twin' } });
    });
    expect(said).toContain('twin is a second one');
  });

  it('when what should run is gone, and its image too', async () => {
    const said = await changed(({ books, now }) => {
      only(books.there()).goneSince = now;
      books.images.clear();
    });
    expect(said).toContain('should run and is gone.');
    expect(said).toContain('of v1 is gone.');
  });

  it('when the live one has less than all of the traffic', async () => {
    const said = await changed(({ books }) => {
      for (const [name, slot] of books.slots)
        books.slots.set(name, { ...slot, members: slot.members.map((one) => ({ ...one, weight: 40 })) });
    });
    expect(said).toContain('has 40 of 100 of the traffic');
  });

  it('when a request takes the only one that serves', () => {
    const { cloud, timeline } = world;
    cloud.act({ do: 'end instance', instance: only(cloud.books.there()).instance.id }, timeline.now);
    expect(cloud.alarms.map(({ sentence }) => sentence).join(' ')).toContain(
      'had no healthy member with traffic',
    );
  });

  it('when something hangs, a card is wrong, or the chain is broken', async () => {
    const said = await changed((evidence) => {
      const { ledger, audit, wrongCards } = evidence;
      ledger.tasks.push({ effect: 'knead', kind: 'build', of: 'release', subject: 'release/bread/1' });
      audit.problems.push('Event 3 was changed.');
      wrongCards.push('The card is wrong.');
    });
    expect(said).toContain('the task knead is not over');
    expect(said).toContain('Event 3 was changed.');
    expect(said).toContain('The card is wrong.');
  });
});
