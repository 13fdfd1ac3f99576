import { expect, it } from 'vitest';
import { taleOf } from '../../src/ledger/tale.ts';
import { CoreWorld } from '../support/core-world.ts';

it('tells the newest events of a service and what is still to be done, oldest first', async () => {
  const world = new CoreWorld();
  world.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
  await world.push('one');
  await world.run(5_000);
  const tale = taleOf(world.file.db, 'hello', world.now);
  expect(tale[0]).toMatch(/^#\d+ 5\.0 s ago ReleaseRequested \{/);
  expect(tale.at(-1)).toMatch(/^wanted: build build\.hello\.v1\.1\.1, 0 faults, in the queue, /);
  expect(taleOf(world.file.db, 'another', world.now)).toEqual([]);
});
