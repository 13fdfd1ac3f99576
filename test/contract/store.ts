import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/pipeline/store.ts';
import { tempFolder } from '../support/temp-folder.ts';

const digestOf = (bytes: string | Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What every store promises. `damage` changes the stored bytes behind the store's back. */
export interface StoreRig {
  store: Store;
  damage(digest: string): void;
}

/** The promises of the `Store` port; the titles are the promises. */
export const storeContract = (name: string, make: () => StoreRig | Promise<StoreRig>): void => {
  describe(`store contract: ${name}`, () => {
    test('bytes are found under the digest of their content', async () => {
      const { store } = await make();
      const put = await store.put('bread');
      expect(put).toEqual({ digest: digestOf('bread'), size: 5 });
      expect(await text(await store.get(put.digest))).toBe('bread');
    });

    test('text, buffer and stream of the same bytes are one entry, and again is fine', async () => {
      const { store } = await make();
      const all = await Promise.all([
        store.put('bread'),
        store.put(Buffer.from('bread')),
        store.put(Readable.from([Buffer.from('br'), Buffer.from('ead')])),
      ]);
      expect(new Set(all.map((one) => one.digest))).toEqual(new Set([digestOf('bread')]));
      expect(all.map((one) => one.size)).toEqual([5, 5, 5]);
    });

    test('a file of a megabyte comes back as it was', async () => {
      const { store } = await make();
      const bytes = randomBytes(1_000_000);
      const { digest } = await store.put(
        Readable.from([bytes.subarray(0, 300_000), bytes.subarray(300_000)]),
      );
      const file = join(tempFolder(), 'fetched');
      await store.fetch(digest, file);
      expect(digestOf(readFileSync(file))).toBe(digest);
    });

    test('what is not there is said to be not there', async () => {
      const { store } = await make();
      const digest = digestOf('nobody put this');
      expect(await store.has(digest)).toBe(false);
      await expect(store.get(digest)).rejects.toMatchObject({ fault: 'unexpected state' });
      await expect(store.fetch(digest, join(tempFolder(), 'x'))).rejects.toMatchObject({
        fault: 'unexpected state',
      });
      expect(await store.has((await store.put('now it is')).digest)).toBe(true);
    });

    test('bytes that changed in the store are refused on the way out', async () => {
      const { store, damage } = await make();
      const { digest } = await store.put('bread');
      damage(digest);
      const file = join(tempFolder(), 'fetched');
      await expect(store.fetch(digest, file)).rejects.toMatchObject({ fault: 'unexpected state' });
      expect(() => readFileSync(file)).toThrow();
    });

    test('a stream that breaks leaves nothing in the store', async () => {
      const { store } = await make();
      const broken = Readable.from(
        (function* () {
          yield Buffer.from('bread');
          throw new Error('the other side hung up');
        })(),
      );
      await expect(store.put(broken)).rejects.toMatchObject({ name: 'ProviderError' });
      expect(await store.has(digestOf('bread'))).toBe(false);
    });

    test('a disk that is full is the fault "disk full"', async () => {
      const { store } = await make();
      const { digest } = await store.put('bread');
      await expect(store.fetch(digest, '/dev/full')).rejects.toMatchObject({ fault: 'disk full' });
    });

    test('log chunks come back in the order of their times, whoever wrote them', async () => {
      const { store } = await make();
      const chunks = [
        { at: 2, by: 'one' },
        { at: 1_764_000_000_000, by: 'one' },
        { at: 0, by: 'another' },
        { at: 10, by: 'another' },
      ];
      for (const chunk of chunks) await store.appendLog('build.1.1', chunk, `at ${chunk.at}\n`);
      expect(await store.readLog('build.1.1')).toBe('at 0\nat 2\nat 10\nat 1764000000000\n');
    });

    test('the same chunk again replaces it, and nobody else’s of the same time', async () => {
      const { store } = await make();
      await store.appendLog('build.1.1', { at: 7, by: 'one' }, 'first ');
      await store.appendLog('build.1.1', { at: 7, by: 'another/with: any text' }, 'other ');
      await store.appendLog('build.1.1', { at: 7, by: 'one' }, 'second ');
      const words = (await store.readLog('build.1.1')).trim().split(' ');
      expect(words.toSorted()).toEqual(['other', 'second']);
    });

    test('of a long log only the last bytes are read', async () => {
      const { store } = await make();
      await store.appendLog('build.1.1', { at: 0, by: 'one' }, 'a'.repeat(100));
      await store.appendLog('build.1.1', { at: 1, by: 'one' }, 'bbbbb');
      expect(await store.readLog('build.1.1', 8)).toBe('aaabbbbb');
    });

    test('an unknown log is an empty text', async () => {
      const { store } = await make();
      expect(await store.readLog('nobody.wrote.this')).toBe('');
    });

    test('a sweep removes what nobody keeps and leaves what is kept or young', async () => {
      const { store } = await make();
      const [kept, old] = [await store.put('kept'), await store.put('old')];
      await store.appendLog('kept.1.1', { at: 0, by: 'one' }, 'kept');
      await store.appendLog('old.1.1', { at: 0, by: 'one' }, 'old');
      const keep = new Set([kept.digest, 'kept.1.1']);
      expect(await store.sweep(keep, Date.now() - 60_000)).toEqual({ files: 0, logs: 0, bytes: 0 });
      expect(await store.has(old.digest)).toBe(true);
      expect(await store.sweep(keep, Date.now() + 1_000)).toEqual({ files: 1, logs: 1, bytes: 6 });
      expect([await store.has(kept.digest), await store.has(old.digest)]).toEqual([true, false]);
      expect([await store.readLog('kept.1.1'), await store.readLog('old.1.1')]).toEqual(['kept', '']);
      expect((await store.put('old')).digest).toBe(old.digest);
      expect(await text(await store.get(old.digest))).toBe('old');
    });

    test('ids that could be paths are refused', async () => {
      const { store } = await make();
      for (const id of ['', '..', '../x', '/etc/passwd', 'a/b', '.hidden', 'a\0b', 'x'.repeat(201)]) {
        await expect(store.appendLog(id, { at: 0, by: 'one' }, 'x')).rejects.toMatchObject({ fault: 'bug' });
        await expect(store.readLog(id)).rejects.toMatchObject({ fault: 'bug' });
      }
      for (const digest of ['', 'sha256:../../x', `sha256:${'A'.repeat(64)}`, 'md5:00']) {
        await expect(store.get(digest)).rejects.toMatchObject({ fault: 'bug' });
      }
    });
  });
};
