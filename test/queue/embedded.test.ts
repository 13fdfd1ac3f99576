import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { QueueDirectoryError } from '../../src/queue/away.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import { queueContract } from '../contract/queue.ts';

const directory = mkdtempSync(join(tmpdir(), 'bakery-queue-'));
const url = `embedded:${directory}`;
afterAll(() => rmSync(directory, { recursive: true, force: true }));

queueContract({
  kind: 'embedded',
  url: () => url,
  timings: { lock: 1_000, renew: 300, stalled: 250, grace: 400, drain: 500 },
  shared: false,
});

describe('the directory of the embedded queue', () => {
  test('is refused to a second opener with a sentence that names the first', async () => {
    const first = await openQueue(url, { prefix: 'one' });
    const second = openQueue(url, { prefix: 'one' });
    await expect(second).rejects.toThrow(QueueDirectoryError);
    await expect(second).rejects.toThrow(`in use by process ${process.pid}`);
    await first.close();
    await (await openQueue(url, { prefix: 'one' })).close();
  });

  test('is moved aside and made anew when it is broken', async () => {
    writeFileSync(join(directory, 'data', 'global', 'pg_control'), 'nothing that makes sense');
    const said: string[] = [];
    const log = {
      info: () => {},
      warn: () => {},
      error: (_: unknown, message: string) => void said.push(message),
    };
    const backend = await openQueue(url, { prefix: 'two', log });
    await (await backend.queue()).ping();
    await backend.close();
    expect(said).toEqual(['embedded queue cannot be opened: moved aside and made anew']);
    expect(readdirSync(directory).toSorted()).toEqual(['data', 'data.broken']);
  }, 60_000);

  test('is refused when it is not absolute, as is a URL of no known kind', async () => {
    await expect(openQueue('embedded:here', { prefix: 'x' })).rejects.toThrow('absolute');
    await expect(openQueue('amqp://127.0.0.1', { prefix: 'x' })).rejects.toThrow('no known kind');
    await expect(openQueue(url, { prefix: 'a:b' })).rejects.toThrow('prefix');
  });
});
