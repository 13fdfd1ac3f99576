import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryAccess } from '../pipeline/domain/access.ts';
import { repositoryProblem } from '../pipeline/domain/repository.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { OpenAccess } from '../pipeline/repository-access.ts';
import { joinedGit, keyFolder } from './access.ts';
import { markUsed } from './old-copies.ts';
import { type GitEnd, gitEnvironment, runGit } from './run-git.ts';

/** How long one look at a remote may take. */
export const remoteLimit: Millis = 30_000;
const localLimit: Millis = 10_000;

/** Bare copies of repositories, one folder each, for looking things up. May be deleted at any time. */
export interface RepositoryCache {
  /** Brings the copy up to date. Throws ProviderError `repository gone`. */
  fetch(repository: string): Promise<void>;
  /** Runs a command in the copy; `exit` is undefined when there is no copy. */
  ask(repository: string, argv: string[]): Promise<GitEnd>;
  /** Runs a command that speaks to the remote itself. Throws ProviderError `repository gone`. */
  remote(repository: string, argv: string[]): Promise<string>;
  /** Runs the work when no other work on the same repository runs. */
  alone<Value>(repository: string, work: () => Promise<Value>): Promise<Value>;
}

/** How those repositories are read that are private. */
export interface PrivateRepositories {
  accessOf(repository: string): RepositoryAccess | undefined;
  open: OpenAccess;
}

/** `outside` is what git may know of the process's environment: PATH, HOME, SSH_AUTH_SOCK, proxies. */
export function repositoryCache(
  cacheDir: string,
  outside: Readonly<Record<string, string>>,
  limit: Millis = remoteLimit,
  now: () => At = Date.now,
  closed?: PrivateRepositories,
): RepositoryCache {
  const globalConfig = join(cacheDir, 'gitconfig');
  const env = gitEnvironment(outside, globalConfig);
  const lines = new Map<string, Promise<unknown>>();
  let prepared: Promise<void> | undefined;

  const folder = (repository: string): string =>
    join(cacheDir, `${createHash('sha256').update(repository).digest('hex').slice(0, 32)}.git`);

  async function prepare(): Promise<void> {
    await mkdir(cacheDir, { recursive: true });
    for (const name of await readdir(cacheDir))
      if (name.startsWith(keyFolder)) await rm(join(cacheDir, name), { recursive: true, force: true });
    // A git that serves a local repository drops its caller's settings and reads this file.
    await writeFile(globalConfig, '[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n');
  }

  async function talk(repository: string, argv: string[], cwd: string): Promise<string> {
    const problem = repositoryProblem(repository);
    if (problem !== undefined) throw gone(repository, `Its address ${problem}`);
    const access = closed?.accessOf(repository);
    const opened = access && (await closed?.open(access, repository, cacheDir));
    const end = await runGit(argv, {
      env: opened === undefined ? env : joinedGit(env, opened.env),
      cwd,
      timeout: limit,
    }).finally(() => opened?.close());
    if (end.exit === 0) return end.stdout;
    const why = end.timedOut ? `It did not answer within ${Math.round(limit / 1000)} s.` : 'git was refused.';
    throw gone(repository, why, end.complaint);
  }

  /** Whether it had to be made anew. */
  async function ensureCopy(dir: string): Promise<boolean> {
    const found = await runGit(['rev-parse', '--is-bare-repository'], {
      env: { ...env, GIT_DIR: dir },
      timeout: localLimit,
    });
    if (found.exit === 0) return false;
    const fresh = `${dir}.new`;
    await rm(fresh, { recursive: true, force: true });
    await rm(dir, { recursive: true, force: true });
    const made = await runGit(['init', '--quiet', '--bare', '--template=', '--', fresh], {
      env,
      timeout: localLimit,
    });
    if (made.exit !== 0)
      throw new ProviderError(
        'repository gone',
        'git cannot make a copy here; nothing was changed; look at the disk.',
        {
          lines: made.complaint,
        },
      );
    await rename(fresh, dir);
    return true;
  }

  async function ready(): Promise<void> {
    prepared ??= prepare();
    await prepared.catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
  }

  return {
    async fetch(repository) {
      await ready();
      const dir = folder(repository);
      const heads = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
      const options = [
        '--quiet',
        '--prune',
        '--force',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
      ];
      const fetching = ['fetch', ...options, '--end-of-options', repository, ...heads];
      if (!(await isThere(dir))) await ensureCopy(dir);
      try {
        await talk(repository, fetching, dir);
      } catch (error) {
        // Looked at only now, since it is nearly always whole.
        if (!(await ensureCopy(dir))) throw error;
        await talk(repository, fetching, dir);
      }
      await markUsed(dir, now());
    },
    async ask(repository, argv) {
      await ready();
      const dir = folder(repository);
      await markUsed(dir, now());
      return runGit(argv, { env: { ...env, GIT_DIR: dir }, timeout: localLimit });
    },
    async remote(repository, argv) {
      await ready();
      return talk(repository, argv, cacheDir);
    },
    alone(repository, work) {
      const before = lines.get(repository) ?? Promise.resolve();
      const mine = before.then(work, work);
      const settled = mine.catch(() => undefined);
      lines.set(repository, settled);
      void settled.then(() => lines.get(repository) === settled && lines.delete(repository));
      return mine;
    },
  };
}

const isThere = (folder: string): Promise<boolean> =>
  access(folder).then(
    () => true,
    () => false,
  );

function gone(repository: string, why: string, lines: string[] = []): ProviderError {
  const sentence = `The repository ${repository.slice(0, 200)} cannot be read. ${why} Nothing was changed; check its address and the rights of this machine.`;
  return new ProviderError('repository gone', sentence, { lines });
}
