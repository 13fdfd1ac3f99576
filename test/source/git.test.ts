import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitSurroundings } from '../../src/config/outside.ts';
import { clean } from '../../src/source/clean.ts';
import { gitRepositories } from '../../src/source/git.ts';
import { newRepository } from './repository.ts';

const newCache = (): string => mkdtempSync(join(tmpdir(), 'bakery-cache-'));
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error) => error.fault ?? error,
  );

function setUp() {
  const repository = newRepository();
  const cacheDir = newCache();
  const repositories = gitRepositories({ cacheDir });
  const find = (ref: string) => repositories.find({ repository: repository.dir, ref, service: 'hello' });
  return { ...repository, repositories, find, cacheDir };
}

describe('a repository on this machine', () => {
  it('tells a branch, a light tag, a heavy tag and a commit apart', async () => {
    const { commit, git, find } = setUp();
    const first = commit('one');
    git('tag', 'light');
    git('tag', '-a', '-m', 'words', 'heavy');
    const second = commit('two');
    const people = { author: 'Ada', email: 'ada@example.com' };
    expect(await find('main')).toEqual({ sha: second, ref: 'main', subject: 'two', isTag: false, ...people });
    expect(await find('light')).toEqual({ sha: first, ref: 'light', subject: 'one', isTag: true, ...people });
    expect(await find('heavy')).toMatchObject({ sha: first, isTag: true });
    expect(await find(first)).toMatchObject({ sha: first, ref: first, isTag: false });
    expect(await find(first.slice(0, 7))).toMatchObject({ sha: first });
  });

  it('is looked at anew each time, also after a branch was moved back or away', async () => {
    const { commit, git, find } = setUp();
    const first = commit('one');
    expect((await find('main')).sha).toBe(first);
    const second = commit('two');
    expect((await find('main')).sha).toBe(second);
    git('reset', '--quiet', '--hard', first);
    expect((await find('main')).sha).toBe(first);
    git('branch', 'topic');
    expect((await find('topic')).sha).toBe(first);
    git('branch', '-D', 'topic');
    git('branch', 'topic/deeper');
    expect(await faultOf(find('topic'))).toBe('unknown commit');
    expect((await find('topic/deeper')).sha).toBe(first);
  });

  it('refuses refs that look like options or break the rules before git sees them', async () => {
    const { commit, find, cacheDir } = setUp();
    commit('one');
    const mark = join(cacheDir, 'touched');
    for (const ref of [
      `--upload-pack=touch ${mark}`,
      '-q',
      'main..x',
      'main^{tree}',
      'main:file',
      '',
      '@{-1}',
    ])
      expect(await faultOf(find(ref))).toBe('unknown commit');
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it('says that a ref is not there, also one too short or of a file', async () => {
    const { commit, git, find } = setUp();
    const sha = commit('one');
    for (const ref of ['nope', 'deadbeef', sha.slice(0, 6), 'HEAD', git('rev-parse', 'HEAD:file')])
      expect(await faultOf(find(ref))).toBe('unknown commit');
    await expect(find('nope')).rejects.toThrow('no branch, tag or commit `nope`');
  });

  it('gives subject and author without control characters and at most 200 characters', async () => {
    const { commit, find } = setUp();
    commit(`a\u001b[31mred\u202e ${'x'.repeat(300)}`);
    const { subject } = await find('main');
    expect(subject).toMatch(/^a \[31mred {2}x+$/);
    expect(subject).toHaveLength(200);
    expect(clean('\u{1f35e}'.repeat(300))).toBe('\u{1f35e}'.repeat(200));
  });

  it('knows what can be reached from a branch', async () => {
    const { dir, commit, git, repositories } = setUp();
    const first = commit('one');
    git('checkout', '--quiet', '-b', 'topic');
    const aside = commit('aside');
    const reachable = (sha: string, branch: string) =>
      repositories.reachable({ repository: dir, sha, branch, service: 'hello' });
    expect(await reachable(first, 'main')).toBe(true);
    expect(await reachable(aside, 'main')).toBe(false);
    expect(await reachable(aside, 'topic')).toBe(true);
    expect(await reachable('0'.repeat(40), 'main')).toBe(false);
    expect(await reachable(first, 'nope')).toBe(false);
    expect(await faultOf(reachable('--help', 'main'))).toBe('unknown commit');
    expect(await faultOf(reachable(first, '--all'))).toBe('unknown commit');
  });

  it('answers many at once, each rightly', async () => {
    const { commit, find } = setUp();
    const sha = commit('one');
    const found = await Promise.all(Array.from({ length: 6 }, () => find('main')));
    expect(found.map((one) => one.sha)).toEqual(Array.from({ length: 6 }, () => sha));
  });

  it('is copied anew when the copy is broken or gone', async () => {
    const { commit, find, cacheDir } = setUp();
    const sha = commit('one');
    await find('main');
    const [copy = ''] = readdirSync(cacheDir).filter((name) => name.endsWith('.git'));
    rmSync(join(cacheDir, copy, 'HEAD'));
    expect((await find('main')).sha).toBe(sha);
    rmSync(join(cacheDir, copy), { recursive: true });
    expect((await find('main')).sha).toBe(sha);
  });

  it('runs none of its hooks and no helper', async () => {
    const { dir, commit, git, find, cacheDir } = setUp();
    commit('one');
    const mark = join(cacheDir, 'touched');
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-receive', 'post-update']) {
      writeFileSync(join(dir, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`);
      chmodSync(join(dir, '.git/hooks', hook), 0o755);
    }
    git('config', 'uploadpack.packObjectsHook', `touch ${mark}`);
    await find('main');
    expect(existsSync(mark)).toBe(false);
  });

  it('may belong to another account', async () => {
    if (process.getuid?.() !== 0) return;
    const { dir, commit, find } = setUp();
    const sha = commit('one');
    chownSync(join(dir, '.git'), 12_345, 12_345);
    chownSync(dir, 12_345, 12_345);
    expect((await find('main')).sha).toBe(sha);
  });
});

describe('a repository that cannot be read', () => {
  it('is a fault with a sentence: gone, no repository, a helper, an option, plain http', async () => {
    const repositories = gitRepositories({ cacheDir: newCache() });
    const mark = join(newCache(), 'touched');
    for (const repository of [
      '/nowhere/at-all',
      newCache(),
      `ext::touch ${mark}`,
      '--upload-pack=x',
      'http://127.0.0.1/x',
    ]) {
      const found = repositories.find({ repository, ref: 'main', service: 'hello' });
      expect(await faultOf(found)).toBe('repository gone');
      await expect(found).rejects.toThrow(/cannot be read.*Nothing was changed/);
    }
    expect(existsSync(mark)).toBe(false);
  });

  it('is given up when it does not answer in time', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const repositories = gitRepositories({ cacheDir: newCache(), limit: 300 });
    const found = repositories.find({
      repository: `https://127.0.0.1:${port}/x`,
      ref: 'main',
      service: 'hello',
    });
    await expect(found).rejects.toThrow('did not answer within');
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('does not keep the next one from being read', async () => {
    const { dir, commit, repositories } = setUp();
    const gone = repositories.find({ repository: dir, ref: 'nope', service: 'hello' });
    commit('one');
    expect(await faultOf(gone)).toBe('unknown commit');
    expect((await repositories.find({ repository: dir, ref: 'main', service: 'hello' })).subject).toBe('one');
  });
});

describe("a remote's branch", () => {
  it('is told without a copy: its commit, or that there is none', async () => {
    const { dir, commit, git, repositories } = setUp();
    const sha = commit('one');
    git('branch', 'x/main');
    expect(await repositories.branchHead({ repository: dir, branch: 'main' })).toBe(sha);
    expect(await repositories.branchHead({ repository: `file://${dir}`, branch: 'nope' })).toBeUndefined();
    expect(await faultOf(repositories.branchHead({ repository: dir, branch: '-x' }))).toBe('unknown commit');
    expect(await faultOf(repositories.branchHead({ repository: '/nowhere', branch: 'main' }))).toBe(
      'repository gone',
    );
  });
});

describe("git's environment", () => {
  it('holds nothing of the process but programs, keys and proxies', () => {
    expect(gitSurroundings({ PATH: '/bin', HOME: '/h', SLACK_BOT_TOKEN: 'x', GIT_DIR: '/evil' })).toEqual({
      PATH: '/bin',
      HOME: '/h',
    });
  });
});
