import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { emptyQueue } from '../../../src/queue/empty.ts';
import type { FaultyCloud } from '../../../src/selftest/cloud/faulty-cloud.ts';
import { Installation } from '../../../src/selftest/processes/installation.ts';
import { runSchedule, scene } from '../../../src/selftest/processes/schedule.ts';
import { ada, commitOf, serviceNamed } from '../../../src/selftest/scene.ts';
import { fromRig } from '../../support/rig.ts';

const queue = fromRig('BAKERY_TEST_REDIS_URL');
const earlier = fromRig('BAKERY_TEST_EARLIER');
const services = 4;

/** How far the first deployment has come when the bot is updated. */
const moments: Record<string, (cloud: FaultyCloud) => boolean> = {
  'its image is being baked': ({ books }) => books.images.size > 0,
  'its instance starts': ({ books }) => instancesOf(books).length > 0,
  'it is behind the balancer': ({ books }) => books.slot('bread.dev').members.length > 0,
  'it has the traffic': ({ books }) => books.slot('bread.dev').members.some(({ weight }) => weight > 0),
};

const instancesOf = (books: FaultyCloud['books']) =>
  books.there('bread').filter(({ mark }) => mark.environment === 'dev');

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await pause(5);
  }
}

/** A schedule of faults for one service, to its end. */
async function passes(on: Installation, seed: number, service: string): Promise<void> {
  const { breaches, told, tale } = await runSchedule(on, seed, service, emptyQueue);
  expect(breaches, [...told, ...tale].join('\n')).toEqual([]);
}

describe.concurrent('an installation of an earlier version', () => {
  test.each(Object.keys(moments))(
    'is updated bot first and worker by worker when %s, and all that was in flight goes on',
    async (moment) => {
      const on = await Installation.start(
        { queue, services, entry: earlier },
        { ...scene, publishes: false },
      );
      try {
        const commit = commitOf(1, undefined);
        await on.askBot('handle', { do: 'request release', service: 'bread', commit, by: ada });
        await until(moment, () => moments[moment]?.(on.cloud) ?? false);
        // From here on the ledger is this version's: its bot brings it up to date, with what is in flight in it.
        await on.update('bot');
        await passes(on, 1, serviceNamed(0));
        await passes(on, 2, serviceNamed(1));
        await on.update('worker 1');
        await passes(on, 3, serviceNamed(2));
        await on.update('worker 2');
        await passes(on, 4, serviceNamed(3));
      } finally {
        await on.close();
      }
    },
    600_000,
  );
});
