import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitRepositories } from '../../src/source/git.ts';
import { copyBounds, removeOldCopies } from '../../src/source/old-copies.ts';
import { newRepository } from './repository.ts';

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);

/** Copies of three repositories, each asked for a day after the one before, and a clock. */
async function threeCopies() {
  const cacheDir = mkdtempSync(join(tmpdir(), 'bakery-copies-'));
  const clock = { now: start };
  const repositories = gitRepositories({ cacheDir, now: () => clock.now });
  const find = async (dir: string, ref = 'main') =>
    (await repositories.find({ repository: dir, ref, service: 'hello' })).sha;
  const all: { dir: string; sha: string }[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { dir, commit } = newRepository();
    all.push({ dir, sha: commit('one') });
    clock.now = start + count * day;
    await find(dir);
  }
  const copies = () => readdirSync(cacheDir).filter((name) => name.endsWith('.git')).length;
  return { cacheDir, clock, find, all, copies };
}

describe('copies of repositories', () => {
  it('go when nobody has asked for them for a month, and are fetched again when somebody does', async () => {
    const { cacheDir, clock, find, all, copies } = await threeCopies();
    expect(await removeOldCopies(cacheDir, start + 29 * day)).toBe(0);
    // What is read out of a copy counts as asked for, though nothing is fetched.
    clock.now = start + 29 * day;
    expect(await find(all[0]?.dir ?? '', all[0]?.sha)).toBe(all[0]?.sha);
    expect(await removeOldCopies(cacheDir, start + 33 * day)).toBe(2);
    expect(copies()).toBe(1);
    expect(await find(all[1]?.dir ?? '')).toBe(all[1]?.sha);
    expect(copies()).toBe(2);
  });

  it('go by their last use when all of them are too much, and never those of the last day', async () => {
    const { cacheDir, copies } = await threeCopies();
    const bounds = { ...copyBounds, bytes: 1 };
    expect(await removeOldCopies(cacheDir, start + 2 * day, bounds)).toBe(2);
    expect(copies()).toBe(1);
    expect(await removeOldCopies(cacheDir, start + 2.9 * day, bounds)).toBe(0);
    expect(await removeOldCopies(cacheDir, start + 3 * day, bounds)).toBe(1);
    expect(copies()).toBe(0);
    // What is no copy is not touched.
    expect(existsSync(join(cacheDir, 'gitconfig'))).toBe(true);
  });
});
