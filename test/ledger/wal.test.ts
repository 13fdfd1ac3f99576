import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { GroupCommit } from '../../src/ledger/group-commit.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteOutward } from '../../src/ledger/outward.ts';
import { deliveries } from '../../src/ledger/schema.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { Wal, walOf } from '../../src/ledger/wal.ts';
import { CoreWorld } from '../support/core-world.ts';
import { policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';

const noMemory = { begin: () => {}, forget: () => {} };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function opened(folder = tempFolder()) {
  const file = openLedgerFile(folder);
  closing.push(() => file.close());
  return file;
}

/** A disk that takes the log when the test says so, and what of the ledger lies on it. */
function slowDisk(folder: string) {
  const pending: { resolve(): void; reject(error: Error): void }[] = [];
  const synced = tempFolder();
  let refuses = false;
  return {
    pending,
    refuse: () => {
      refuses = true;
    },
    /** The folder as it is after the power went. */
    synced,
    sync: async () => {
      await new Promise<void>((resolve, reject) => pending.push({ resolve, reject }));
      if (refuses) throw new Error('EIO');
      for (const name of ['ledger.sqlite', 'ledger.sqlite-wal'])
        cpSync(join(folder, name), join(synced, name));
    },
  };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a commit to the ledger', () => {
  it('is told of only after the disk took it, and is there when the power goes', async () => {
    const folder = tempFolder();
    const file = opened(folder);
    const disk = slowDisk(folder);
    const group = new GroupCommit(file.sqlite, new Wal(file.sqlite, disk.sync), noMemory);
    const add = (id: string) =>
      group.run(() => file.db.insert(deliveries).values({ source: 'test', id, at: 1 }).run());
    let told = 0;
    const one = add('one').then(() => told++);
    await turn();
    const two = add('two').then(() => told++);
    await turn();
    expect([told, disk.pending.length]).toEqual([0, 1]);
    disk.pending.shift()?.resolve();
    await one;
    const after = opened(disk.synced);
    expect(
      after.db
        .select()
        .from(deliveries)
        .all()
        .map(({ id }) => id),
    ).toEqual(['one']);
    await turn();
    disk.pending.shift()?.resolve();
    await two;
    expect(told).toBe(2);
  });

  it('that a message was posted is on the disk before the next one is', async () => {
    const file = opened();
    const world = new CoreWorld(policy(), file);
    await world.push('one');
    const outbox = sqliteOutbox(
      file.db,
      () => undefined,
      () => world.now,
    );
    const [message] = await outbox.due(1);
    let taken = (): void => {};
    const disk = vi.spyOn(walOf(file.db), 'sync').mockReturnValueOnce(
      new Promise((resolve) => {
        taken = resolve;
      }),
    );
    let told = false;
    const shown = { channel: 'C1', ts: '1.1', hash: 'h', revision: 1 };
    const telling = outbox.shown(message?.key ?? '', shown).then(() => {
      told = true;
    });
    await turn();
    expect(told).toBe(false);
    taken();
    await telling;
    disk.mockRestore();
    expect(await outbox.at('C1', '1.1')).toMatchObject({ key: message?.key });
  });

  it('leads to nothing outside of the ledger before the disk took it', async () => {
    const file = opened();
    const world = new CoreWorld(policy(), file);
    await world.push('one');
    const readers = {
      'the queue': () => world.ledger.toEnqueue(10),
      'what is stopped': () => world.ledger.toStop(),
      'the channel': () =>
        sqliteOutbox(
          file.db,
          () => undefined,
          () => world.now,
        ).due(10),
      'the forge': () =>
        sqliteOutward(
          file.db,
          () => undefined,
          () => world.now,
        ).due(10),
    };
    for (const [name, read] of Object.entries(readers)) {
      let taken = (): void => {};
      const disk = vi.spyOn(walOf(file.db), 'settled').mockReturnValueOnce(
        new Promise((resolve) => {
          taken = resolve;
        }),
      );
      let seen = false;
      const reading = read().then(() => {
        seen = true;
      });
      await turn();
      expect(seen, name).toBe(false);
      taken();
      await reading;
      disk.mockRestore();
    }
  });

  it('fails in words when the disk refuses it, and nothing is written after that', async () => {
    const folder = tempFolder();
    const file = opened(folder);
    const disk = slowDisk(folder);
    const wal = new Wal(file.sqlite, disk.sync);
    const group = new GroupCommit(file.sqlite, wal, noMemory);
    disk.refuse();
    const first = group.run(() => 1).catch((error: unknown) => error);
    await turn();
    disk.pending.shift()?.resolve();
    expect(await first).toBeInstanceOf(LedgerUnavailable);
    let wrote = false;
    const next = group.run(() => {
      wrote = true;
    });
    await expect(next).rejects.toThrow('Look at the disk, then start Bakery again.');
    await expect(wal.settled()).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(wrote).toBe(false);
    expect(audit(file.db).problems).toEqual([]);
  });
});
