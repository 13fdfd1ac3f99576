import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { rowMemory } from '../../src/ledger/row-memory.ts';
import { sqliteLedger } from '../../src/ledger/sqlite-ledger.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { walOf } from '../../src/ledger/wal.ts';
import type { Batch, Ledger, Loaded } from '../../src/pipeline/ledger.ts';
import { CoreWorld } from '../support/core-world.ts';
import { FaultyWorld, make, move, seeded } from '../support/moves.ts';
import { ada, policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function opened(folder: string) {
  const file = openLedgerFile(folder);
  closing.push(() => file.close());
  return file;
}

const states = async (file: ReturnType<typeof opened>): Promise<[number, string][]> => {
  const { facts } = await sqliteLedger(file).load('hello', {});
  return [...facts.releases.values()].map(({ version, state }) => [version, state]);
};

/** As it is stored; maps in the order of their keys. */
const plain = ({ facts, versions }: Loaded): unknown => {
  const sorted = <Row>(rows: ReadonlyMap<string | number, Row>) =>
    [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  const { releases, slots, deployments, standbys, textRef: _, ...others } = facts;
  const maps = [releases, slots, deployments, standbys].map((rows) => sorted<unknown>(rows));
  return JSON.parse(JSON.stringify({ ...others, maps, versions }));
};

/** What the engine asks of tasks that are not over, as it is stored. */
const open = async (ledger: Ledger): Promise<unknown> =>
  JSON.parse(
    JSON.stringify([
      await ledger.toEnqueue(100),
      await ledger.inQueue(),
      await ledger.toStop(),
      await ledger.overdueTasks(Number.MAX_SAFE_INTEGER),
    ]),
  );

describe('the rows that a decision sees', () => {
  it('are those of the last commit, whoever made it', async () => {
    const folder = tempFolder();
    const other = opened(folder);
    const world = new CoreWorld(policy(), opened(folder));
    expect(await states(other)).toEqual([]);
    await world.push('one');
    await world.do({ do: 'cancel release', service: 'hello', version: 1, by: ada });
    await world.run(30_000);
    expect(await states(world.file)).toEqual([[1, 'cancelled']]);
    expect(await states(other)).toEqual([[1, 'cancelled']]);
  });

  it('are the newest twenty, newest first, however many there were', async () => {
    const world = new CoreWorld(policy());
    const file = world.file;
    for (let count = 1; count <= 25; count++) {
      await world.push(`change ${count}`);
      await world.run(30_000);
    }
    const seen = (await states(file)).map(([version]) => version);
    expect(seen.toSorted((a, b) => b - a).slice(0, 20)).toEqual(
      Array.from({ length: 20 }, (_, at) => 25 - at),
    );
    // Beside them only what is live somewhere or under way.
    expect(seen.length).toBeLessThan(23);
  });

  it('are the same from memory as from the tables, whatever people and faults did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 25 }), async (moves) => {
        const world = new FaultyWorld();
        for (const [index, step] of moves.entries()) await make(world, step, index);
        const named = { version: 1, deployment: world.deploymentIds()[0] };
        const seen = async () => [plain(await world.ledger.load('hello', named)), await open(world.ledger)];
        const remembered = await seen();
        rowMemory(world.file.db).forget();
        expect(remembered).toEqual(await seen());
      }),
      { ...seeded, numRuns: 25 },
    );
  }, 60_000);

  it('are the same from memory as from the tables for a task that the queue lost', async () => {
    const world = new CoreWorld(policy());
    await world.push('one');
    const { ledger } = world;
    const same = async (): Promise<unknown> => {
      const remembered = await open(ledger);
      rowMemory(world.file.db).forget();
      expect(remembered).toEqual(await open(ledger));
      return remembered;
    };
    const [task] = await ledger.toEnqueue(1);
    if (task === undefined) throw new Error('nothing is to be enqueued');
    const missed = expect.objectContaining({ missingSince: world.now });
    await ledger.enqueued([task]);
    await ledger.missing(task, world.now);
    expect(await same()).toMatchObject([[], [missed], [], [missed]]);
    await ledger.enqueueAgain(task);
    expect(await same()).toMatchObject([[expect.objectContaining({ enqueued: false })], [], [], [{}]]);
    await ledger.missing(task, world.now);
    await ledger.enqueued([task]);
    expect(await same()).toMatchObject([[], [{ enqueued: true }], [], [{}]]);
  });

  it('are what they were when a commit was undone half-way', async () => {
    const world = new CoreWorld(policy());
    await world.push('one');
    const before = await states(world.file);
    // What cannot be stored comes behind the rows of the event.
    const found = Object.assign([], {
      toJSON() {
        throw new Error('It cannot be stored.');
      },
    });
    const batch: Batch = {
      at: world.now,
      by: { kind: 'clock' },
      expect: {},
      events: [{ type: 'ReleaseEnded', service: 'hello', version: 1, as: 'cancelled' }],
      texts: {},
      orders: [],
      stop: [],
      channel: 'C1',
      inventory: { provider: 'local', at: world.now, found },
    };
    await expect(world.ledger.commit(batch)).rejects.toThrow('It cannot be stored.');
    expect(await states(world.file)).toEqual(before);
  });

  it('are what they were when the disk did not take a whole group of commits', async () => {
    const world = new CoreWorld(policy());
    const { db, sqlite } = world.file;
    await world.push('one');
    const before = await states(world.file);
    // All of it was written, and the transaction is undone at its end.
    const refusing = vi.spyOn(walOf(db), 'unsynced').mockImplementationOnce((transaction) => {
      const whole = sqlite.transaction(() => {
        transaction();
        throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
      });
      whole();
    });
    await expect(world.push('two')).rejects.toBeInstanceOf(LedgerUnavailable);
    refusing.mockRestore();
    expect(await states(world.file)).toEqual(before);
    expect(await world.push('two')).toMatchObject({ accepted: true, version: 2 });
  });
});
