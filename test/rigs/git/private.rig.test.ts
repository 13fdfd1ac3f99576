import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RepositoryAccess } from '../../../src/pipeline/domain/access.ts';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { repositoryAccess } from '../../../src/source/access.ts';
import { gitRepositories } from '../../../src/source/git.ts';
import { gitHttp } from '../../support/git-http.ts';
import { gitRepository } from '../../support/git-repository.ts';
import { fromRig } from '../../support/rig.ts';
import { taskCall, taskTools } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const folder = fromRig('BAKERY_TEST_GIT');
const server = fromRig('BAKERY_TEST_SSH');
const keep = (name: string): string => readFileSync(join(folder, name), 'utf8');
const host = new URL(server).host.replace(/^(.*):(\d+)$/, '[$1]:$2');

const values: Record<string, string> = { 'env:TOKEN': 'glpat-3141592653589793' };
const secret = async (reference: string): Promise<string> =>
  reference.startsWith('file:')
    ? readFileSync(reference.slice('file:'.length), 'utf8')
    : (values[reference] ?? '');
const open = repositoryAccess({ secret, hide: () => undefined, now: Date.now });

/** The host's key without its comment, as ssh-keyscan prints it. */
const hostLine = (name: string): string => `${host} ${keep(`${name}.pub`).split(' ').slice(0, 2).join(' ')}`;

const access = (key = 'deploy', known = 'host'): RepositoryAccess => ({
  by: 'deploy key',
  key: `file:${join(folder, key)}`,
  knownHosts: [hostLine(known)],
});

const prints = `
build:
  package:
    run: [node, -e, "console.log(JSON.stringify(process.env), fs.readdirSync('..').join(), fs.readdirSync('../..').join()); fs.writeFileSync('made.bin', 'x')"]
    timeout: 20s
    file: made.bin
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

async function built(way: RepositoryAccess) {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': prints });
  const tools = taskTools(undefined, { secret, openAccess: open });
  const { call, lines } = taskCall();
  const input = { folder: '', sha, service: 'hello', version: 1 };
  const outcome = await build
    .run({ ...input, repository: `${server}${repository.path}`, access: way }, tools, call)
    .catch((error: unknown) => ({ is: 'threw', error }));
  expect(readdirSync(tools.scratch)).toEqual([]);
  return { outcome, lines: lines.join('\n') };
}

/** Looks the branch up as the bot does; `ca` is a certificate that git believes. */
function lookedUp(repository: string, way: RepositoryAccess, ca?: string) {
  const cacheDir = tempFolder();
  const repositories = gitRepositories({
    cacheDir,
    env: ca === undefined ? {} : { GIT_SSL_CAINFO: ca },
    closed: { accessOf: (asked) => (asked === repository ? way : undefined), open },
  });
  return {
    repositories,
    left: () => readdirSync(cacheDir).filter((name) => !/\.git$|^gitconfig$/.test(name)),
  };
}

describe('over ssh', () => {
  it('a private repository is cloned by its deploy key, which is gone before its build begins', async () => {
    const { outcome, lines } = await built(access());
    expect(outcome).toMatchObject({ is: 'done' });
    expect(lines).toContain('"SOURCE_DATE_EPOCH"');
    expect(lines).not.toMatch(/bakery-key-|BAKERY_GIT|OPENSSH PRIVATE KEY/);
  });

  it('another key is refused, and an agent’s or this account’s own is not tried', async () => {
    const agent = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' });
    const [, socket = ''] = /SSH_AUTH_SOCK=([^;]+)/.exec(agent) ?? [];
    const [, pid = ''] = /SSH_AGENT_PID=(\d+)/.exec(agent) ?? [];
    try {
      execFileSync('ssh-add', ['-q', join(folder, 'deploy')], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
      process.env.SSH_AUTH_SOCK = socket;
      const { outcome, lines } = await built(access('stranger'));
      expect(outcome).toMatchObject({ is: 'threw', error: { fault: 'repository gone' } });
      expect(lines).toContain('Permission denied');
    } finally {
      delete process.env.SSH_AUTH_SOCK;
      process.kill(Number(pid), 'SIGTERM');
    }
  });

  it('a server that shows another key than the pinned one is not spoken to', async () => {
    const { outcome, lines } = await built(access('deploy', 'other-host'));
    expect(outcome).toMatchObject({ is: 'threw', error: { fault: 'repository gone' } });
    expect(lines).toContain('Host key verification failed');
  });

  it('the bot finds commits of it too, and leaves no key behind', async () => {
    const repository = gitRepository();
    const sha = repository.commit({ file: 'x' });
    const address = `${server}${repository.path}`;
    const { repositories, left } = lookedUp(address, access());
    expect(await repositories.find({ repository: address, ref: 'main', service: 'hello' })).toMatchObject({
      sha,
    });
    expect(await repositories.branchHead({ repository: address, branch: 'main' })).toBe(sha);
    expect(left()).toEqual([]);
    const stranger = lookedUp(address, access('stranger'));
    await expect(
      stranger.repositories.branchHead({ repository: address, branch: 'main' }),
    ).rejects.toMatchObject({
      fault: 'repository gone',
    });
    expect(stranger.left()).toEqual([]);
  });
});

describe('over https', () => {
  it('the bot finds commits of a private repository by its token', async () => {
    const repository = gitRepository();
    const sha = repository.commit({ file: 'x' });
    const tls = { key: keep('tls.key'), cert: keep('tls.crt') };
    const { url } = await gitHttp(dirname(repository.path), `oauth2:${values['env:TOKEN']}`, tls);
    const address = `${url}/${basename(repository.path)}`;
    const way: RepositoryAccess = { by: 'token', token: 'env:TOKEN' };
    const { repositories } = lookedUp(address, way, join(folder, 'tls.crt'));
    expect(await repositories.find({ repository: address, ref: 'main', service: 'hello' })).toMatchObject({
      sha,
    });
    const other = lookedUp(address, { ...way, token: 'env:OTHER' }, join(folder, 'tls.crt'));
    await expect(
      other.repositories.branchHead({ repository: address, branch: 'main' }),
    ).rejects.toMatchObject({
      fault: 'repository gone',
    });
  });
});
