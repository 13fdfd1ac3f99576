import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gitRepositories } from '../../src/source/git.ts';
import { newRepository } from './repository.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'bakery-cache-'));
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

describe('the commits between two', () => {
  it('are listed newest first with authors, and counted beyond those listed', async () => {
    const { dir, commit } = newRepository();
    const from = commit('one');
    for (const subject of ['two', 'three', 'four']) commit(subject);
    const to = commit('five \u0007');
    const log = gitRepositories({ cacheDir });
    const order = { repository: dir, folder: '.', service: 'hello', from, to, most: 2 };
    expect(await log.between(order)).toEqual({
      total: 4,
      lines: [
        { sha: to, subject: 'five', author: 'Ada' },
        expect.objectContaining({ subject: 'four', author: 'Ada' }),
      ],
    });
    expect(await log.between({ ...order, from: to, to: from })).toEqual({ total: 0, lines: [] });
  });

  it('are only those that touch the folder of the service', async () => {
    const { dir, git, commit } = newRepository();
    const from = commit('one');
    mkdirSync(join(dir, 'shop'));
    writeFileSync(join(dir, 'shop', 'file'), 'x');
    git('add', '.');
    git('commit', '--quiet', '-m', 'in the shop');
    const to = commit('elsewhere');
    const log = gitRepositories({ cacheDir });
    const found = await log.between({ repository: dir, folder: 'shop', service: 'shop', from, to, most: 5 });
    expect(found.lines.map(({ subject }) => subject)).toEqual(['in the shop']);
  });

  it('that the repository does not have, or that are none, are refused with a fault', async () => {
    const { dir, commit } = newRepository();
    const to = commit('one');
    const log = gitRepositories({ cacheDir });
    const order = { repository: dir, folder: '.', service: 'hello', to, most: 2 };
    const unknown = { fault: 'unknown commit' };
    await expect(log.between({ ...order, from: 'f'.repeat(40) })).rejects.toMatchObject(unknown);
    await expect(log.between({ ...order, from: '--output=/tmp/x' })).rejects.toMatchObject(unknown);
  });
});
