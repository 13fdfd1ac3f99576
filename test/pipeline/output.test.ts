import { describe, expect, it } from 'vitest';
import { events } from '../../src/ledger/schema.ts';
import { readTexts } from '../../src/ledger/texts.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada } from '../support/policies.ts';

const ask = (world: CoreWorld, environment = 'production') =>
  world.do({ do: 'read output', service: 'hello', environment, by: ada });
/** The last event of a type. */
const last = (world: CoreWorld, type: Event['type']): Event | undefined =>
  world.file.db
    .select({ body: events.body })
    .from(events)
    .all()
    .map(({ body }): Event => JSON.parse(body))
    .findLast((event) => event.type === type);

const looks = (world: CoreWorld) => world.attempts.filter(({ kind }) => kind === 'output');

describe('what live instances wrote', () => {
  it('comes to the thread of their card when somebody asks', async () => {
    const world = await withV1();
    expect(await ask(world)).toMatchObject({ accepted: true, version: 1, deployment: 'hello.production.1' });
    await world.run(5_000);
    const event = last(world, 'OutputRead');
    expect(event).toMatchObject({ environment: 'production', version: 1, deployment: 'hello.production.1' });
    expect(Object.values(readTexts(world.file.db, [event]))).toEqual([
      'launch.hello.production.1.0.g1 listens\ntold to 40',
    ]);
  });

  it('is read once for all who ask at the same time', async () => {
    const world = await withV1();
    await Promise.all([ask(world), ask(world), ask(world)]);
    await world.run(5_000);
    expect(looks(world)).toHaveLength(1);
    await ask(world);
    await world.run(5_000);
    expect(looks(world)).toHaveLength(2);
  });

  it('is told of as well when it cannot be read', async () => {
    const world = await withV1();
    world.say = ({ kind }) => (kind === 'output' ? failed('denied', 'the engine refuses') : undefined);
    await ask(world);
    await world.run(5_000);
    const event = last(world, 'OutputNotRead');
    expect(event).toMatchObject({ failure: { fault: 'denied' } });
  });

  it('is refused where nothing is live', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.run(5_000);
    expect(await ask(world)).toMatchObject({ refused: 'nothing to do' });
    expect(await ask(world, 'moon')).toMatchObject({ refused: 'unknown environment' });
    expect(looks(world)).toHaveLength(0);
  });
});
