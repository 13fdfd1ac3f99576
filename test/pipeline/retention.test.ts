import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanStore } from '../../src/composition/store-cleaning.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { messages } from '../../src/ledger/schema.ts';
import { isStoreHeld, storedNames } from '../../src/ledger/stored.ts';
import type { Image } from '../../src/pipeline/domain/image.ts';
import type { KeptBecause } from '../../src/pipeline/domain/retention.ts';
import type { TaskResults } from '../../src/pipeline/domain/task.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld, commitNamed } from '../support/core-world.ts';
import { FaultyWorld, make, move, seeded } from '../support/moves.ts';
import { ada, policy } from '../support/policies.ts';
import { workOf } from '../support/small-cloud.ts';
import { tempFolder } from '../support/temp-folder.ts';

const day = 86_400_000;
const few = policy({ retention: { keep: 1, age: day } });

/** So many releases went live in production one after the other, and two days have passed. */
async function afterReleases(count: number): Promise<CoreWorld> {
  const world = new CoreWorld(few);
  for (let n = 1; n <= count; n++) {
    await world.push(`change ${n}`);
    await world.run(30_000);
    await world.approve(`hello.production.${n}`);
    await world.run(700_000);
  }
  world.now += 2 * day;
  return world;
}

const toEvening = (world: CoreWorld): void => {
  world.now = (Math.floor(world.now / day) + 1) * day + 2 * 3_600_000 - 60_000;
};

/** Goes on to the next night, and lets it pass. */
async function night(world: CoreWorld): Promise<void> {
  toEvening(world);
  await world.upkeep(120_000);
}

const imageOf = (name: string): string => `image-${commitNamed(name).sha}`;
const versions = (world: CoreWorld): number[] => [...world.images.values()].map(({ version }) => version);
const preview = async (world: CoreWorld): Promise<[number, KeptBecause['is'] | 'goes'][]> => {
  const queries = sqliteQueries({
    db: world.file.db,
    store: { readLog: async () => '' } as never,
    policies: world.parts.policies,
    now: () => world.now,
  });
  const all = (await queries.images('hello')) ?? [];
  return all.map(({ version, because }) => [version, because?.is ?? 'goes']);
};

describe('images', () => {
  it('go at night when neither count, age nor any use keeps them', async () => {
    const world = await afterReleases(7);
    expect(await preview(world)).toEqual([
      [7, 'live'],
      [6, 'goes back'],
      [5, 'goes back'],
      [4, 'goes back'],
      [3, 'goes'],
      [2, 'goes'],
      [1, 'goes'],
    ]);
    await world.upkeep(60_000);
    expect(versions(world)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await night(world);
    expect(versions(world)).toEqual([4, 5, 6, 7]);
    expect(await preview(world)).toHaveLength(4);
  });

  it('that are pinned stay until somebody lets go of them', async () => {
    const world = await afterReleases(7);
    await world.do({ do: 'keep', service: 'hello', version: 2, pinned: true, by: ada });
    await night(world);
    expect(versions(world)).toEqual([2, 4, 5, 6, 7]);
    await world.do({ do: 'keep', service: 'hello', version: 2, pinned: false, by: ada });
    await night(world);
    expect(versions(world)).toEqual([4, 5, 6, 7]);
  });

  it('that are gone cannot be deployed, and the answer says how to have them again', async () => {
    const world = await afterReleases(6);
    await night(world);
    const back = await world.do({
      do: 'roll back',
      service: 'hello',
      environment: 'production',
      version: 1,
      by: ada,
    });
    expect(back).toMatchObject({ refused: 'not in good standing' });
    const { sha } = commitNamed('change 1');
    expect('sentence' in back && back.sentence).toContain(`/bake hello ${sha.slice(0, 12)}`);
    expect(await world.push('change 1')).toMatchObject({ accepted: true, version: 7 });
    await world.run(30_000);
    expect(world.images.has(imageOf('change 1'))).toBe(true);
  });

  it('stay while a release is being baked that could take one of them over', async () => {
    const world = await afterReleases(6);
    world.say = ({ kind }) => (kind === 'bake' ? 'hang' : undefined);
    toEvening(world);
    await world.push('one more');
    await world.upkeep(120_000);
    expect(versions(world)).toContain(1);
  });

  it('that are about to go are not taken over by a bake, which waits until they are', async () => {
    const world = await afterReleases(6);
    const order: string[] = [];
    world.say = ({ kind }) => {
      if (kind === 'bake') order.push('baked');
      return kind === 'discard' ? 'hang' : undefined;
    };
    toEvening(world);
    await world.upkeep(120_000);
    const removing = world.hanging.find(({ kind }) => kind === 'discard');
    if (removing === undefined) throw new Error('No image is being removed.');
    world.hanging.length = 0;
    // Its worker has heard nothing yet, and goes on.
    await world.push('change 1');
    await world.run(5_000);
    order.push('removed');
    world.queue.end(removing, workOf(world, removing));
    await world.run(60_000);
    expect(order).toEqual(['removed', 'baked']);
    expect(world.release(7)).toMatchObject({ state: 'production ready' });
    expect(world.images.has(imageOf('change 1'))).toBe(true);
  });

  it('stop going when a release begins, and the rest goes another night', async () => {
    const world = await afterReleases(6);
    world.say = ({ kind }) => (kind === 'discard' ? 'hang' : undefined);
    toEvening(world);
    await world.upkeep(120_000);
    await world.push('change 1');
    await world.run(60_000);
    expect(world.release(7)).toMatchObject({ state: 'production ready' });
    expect(versions(world)).toContain(2);
    world.say = () => undefined;
    await night(world);
    expect(versions(world)).not.toContain(2);
    expect(world.images.has(imageOf('change 1'))).toBe(true);
  });

  it('stay while the reaper waits for a person', async () => {
    const world = await afterReleases(6);
    const used = world.stray();
    world.weights.set('hello.production', { ...world.weights.get('hello.production'), [used]: 10 });
    await world.upkeep(60_000);
    await night(world);
    expect(versions(world)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('that went are told to the channel in the note of the day', async () => {
    const world = await afterReleases(6);
    await night(world);
    const told = world.file.db.select().from(messages).all();
    const removed = told.flatMap(({ content }) => (content.kind === 'removed' ? content.removed : []));
    expect(removed.map(({ what, id }) => [what, id])).toEqual([
      ['image', imageOf('change 2')],
      ['image', imageOf('change 1')],
    ]);
  });
});

describe('the store', () => {
  it('loses packages and manifests a month after their images went, and never those of kept ones', async () => {
    const world = new CoreWorld(few);
    const store = directoryStore(tempFolder());
    const stored: { package: string; manifest: string; bom: string }[] = [];
    world.say = (attempt) => {
      const one = stored[stored.length - 1];
      const outcome = workOf(world, attempt);
      if (one === undefined || outcome.is !== 'done') return undefined;
      if (attempt.kind === 'build') {
        const { file } = outcome.result as TaskResults['build'];
        return { is: 'done', result: { package: { digest: one.package, size: 1, name: 'p.tar' }, file } };
      }
      if (attempt.kind !== 'bake') return undefined;
      const { image } = outcome.result as { image: Image };
      return { is: 'done', result: { image: { ...image, manifest: one.manifest } } };
    };
    for (let n = 1; n <= 6; n++) {
      const bom = (await store.put(`bom ${n}`)).digest;
      stored.push({
        package: (await store.put(`package ${n}`)).digest,
        manifest: (await store.put(JSON.stringify({ bom }))).digest,
        bom,
      });
      await world.push(`change ${n}`);
      await world.run(30_000);
      await world.approve(`hello.production.${n}`);
      await world.run(700_000);
    }
    world.now = Date.now();
    await night(world);
    const parts = {
      names: (since: number) => storedNames(world.file.db, since),
      isHeld: () => isStoreHeld(world.file.db),
      store,
      log: { info: () => undefined, warn: () => undefined },
    };
    const left = async () => {
      const all = await Promise.all(stored.flatMap((one) => Object.values(one)).map(store.has));
      return all.filter(Boolean).length;
    };
    await cleanStore({ ...parts, now: () => Date.now() + 29 * day });
    expect(await left()).toBe(18);
    await cleanStore({ ...parts, isHeld: () => true, now: () => Date.now() + 31 * day });
    expect(await left()).toBe(18);
    await cleanStore({ ...parts, now: () => Date.now() + 31 * day });
    expect(versions(world)).toEqual([3, 4, 5, 6]);
    expect(await left()).toBe(12);
  });
});

/** What must be startable, by slots and standings alone: nothing of how retention decides. */
function needed(world: CoreWorld, pinned: readonly number[]): number[] {
  const slots = ['dev', 'production'].flatMap((name) => world.ledgerSlot(name) ?? []);
  const serving = slots.flatMap(({ live, beside }) => [live?.version, beside?.version]);
  const before = world
    .releases()
    .filter(({ standings }) => Object.values(standings).some(({ standing }) => standing === 'previous'))
    .map(({ version }) => version);
  const underWay = slots.flatMap(({ open }) => open.map((id) => world.deployment(id).version));
  return [...serving, ...before, ...underWay, ...pinned].filter((version) => version !== undefined);
}

describe('in a world that people and faults have made, the night', () => {
  it('takes no image that is live, previous, pinned, under way or the target of a rollback', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 10, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 2 }),
        async (moves, pins) => {
          const world = new FaultyWorld();
          world.parts.policies = new Map([['hello', policy({ retention: { keep: 1, age: 0 } })]]);
          for (const [index, step] of moves.entries()) await make(world, step, index);
          world.broken.clear();
          const pinned: number[] = [];
          for (const version of pins) {
            const answer = await world.do({ do: 'keep', service: 'hello', version, pinned: true, by: ada });
            if ('accepted' in answer) pinned.push(version);
          }
          await night(world);
          for (const version of needed(world, pinned)) {
            const { image } = world.release(version);
            if (image !== undefined) expect(world.images.has(image.id), `image of v${version}`).toBe(true);
          }
          const back = await world.do({
            do: 'roll back',
            service: 'hello',
            environment: 'production',
            by: ada,
          });
          if ('version' in back && back.version !== undefined)
            expect(world.images.has(world.release(back.version).image?.id ?? '')).toBe(true);
          const kept = world.releases().filter((one) => one.image && one.imageRemovedAt === undefined);
          expect(kept.filter(({ image }) => !world.images.has(image?.id ?? ''))).toEqual([]);
        },
      ),
      { ...seeded, numRuns: Number(process.env.BAKERY_PROPERTY_RUNS ?? 40) },
    );
  }, 120_000);
});
