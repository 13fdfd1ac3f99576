import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { CommandEnd } from '../commands.ts';
import { refuseFullDisk } from '../disk-fault.ts';
import type { RepositoryAccess } from '../domain/access.ts';
import type { Millis } from '../domain/time.ts';
import { ProviderError } from '../provider.ts';
import type { OpenedAccess } from '../repository-access.ts';
import type { TaskCall, TaskTools } from './contract.ts';
import { inside } from './scratch.ts';

/** The files of one commit. */
export interface Checkout {
  /** Its root, with all links followed. */
  tree: string;
  /** Where the service lies in it, with all links followed. */
  folder: string;
  /** Seconds since the epoch at which the commit was made: the clock of a build that can be repeated. */
  commitTime: string;
}

const shaPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const fetchTime: Millis = 5 * 60_000;
const localTime: Millis = 60_000;
const reachTime: Millis = 5_000;

const environment = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
};

/**
 * The whole configuration. The repository may belong to another user of this machine: nothing but its objects is
 * used. It stands in a file, since git hides configuration in variables from the process that serves a local path.
 */
const configuration = '[safe]\n\tdirectory = *\n';

const protections = [
  'protocol.ext.allow=never',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'advice.detachedHead=false',
  // A checkout lives as long as one attempt.
  'maintenance.auto=false',
];

/** The argument list of a git call with nothing of the repository's own turned on. */
export const gitArgv = (...rest: string[]): string[] => [
  'git',
  ...protections.flatMap((setting) => ['-c', setting]),
  ...rest,
];

const worked = (end: CommandEnd): boolean => 'exit' in end && end.exit === 0;

type CheckoutTools = Pick<TaskTools, 'commands' | 'openAccess'>;

type Git = (timeout: Millis, ...rest: string[]) => Promise<CommandEnd>;

const gitIn =
  (
    tree: string,
    home: string,
    access: OpenedAccess | undefined,
    { commands }: CheckoutTools,
    call: TaskCall,
  ): Git =>
  async (timeout, ...rest) => {
    const argv = gitArgv(...rest);
    const env = { ...environment, HOME: home, GIT_CONFIG_GLOBAL: join(home, 'gitconfig'), ...access?.env };
    const end = await commands.run({ argv, cwd: tree, env, timeout, signal: call.signal, onLine: call.log });
    if ('killed' in end && end.killed === 'aborted') {
      throw new ProviderError('aborted', 'It was cancelled while the repository was being fetched.');
    }
    if (!worked(end)) await refuseFullDisk(tree, end.lastLines);
    return end;
  };

/** Host and port of a repository that lies behind a network; undefined for one on this machine. */
const remoteOf = (repository: string): { host: string; port: number } | undefined => {
  const ports: Record<string, number> = { 'https:': 443, 'http:': 80, 'ssh:': 22, 'git:': 9418 };
  const url = URL.canParse(repository) ? new URL(repository) : undefined;
  const standard = ports[url?.protocol ?? ''];
  if (url !== undefined && standard !== undefined)
    return { host: url.hostname, port: Number(url.port) || standard };
  const [, host] = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)/.exec(repository) ?? [];
  return host === undefined ? undefined : { host, port: 22 };
};

const answers = ({ host, port }: { host: string; port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: reachTime });
    const end = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });

/** Git tells its failures apart in words only, so the other side itself is asked: away, or there and unwilling. */
const unreadable = async (repository: string, end: CommandEnd): Promise<ProviderError> => {
  const lines = end.lastLines;
  const remote = remoteOf(repository);
  if ('killed' in end || (remote !== undefined && !(await answers(remote)))) {
    const sentence = 'The repository cannot be reached just now. Nothing was built; Bakery tries again.';
    return new ProviderError('unreachable', sentence, { lines });
  }
  const sentence = `The repository ${repository} cannot be read. Nothing was built; check its address and Bakery's access.`;
  return new ProviderError('repository gone', sentence, { lines });
};

const unknownCommit = (repository: string, sha: string): ProviderError =>
  new ProviderError(
    'unknown commit',
    `The repository ${repository} has no commit ${sha.slice(0, 12)}. Nothing was built; push it, or bake another.`,
  );

/** By its id where the server allows that; otherwise everything is fetched, which also tells a commit that is not there. */
const fetchCommit = async (git: Git, repository: string, sha: string): Promise<void> => {
  if (worked(await git(fetchTime, 'fetch', '--quiet', '--no-tags', '--depth=1', '--', repository, sha)))
    return;
  const all = await git(
    fetchTime,
    'fetch',
    '--quiet',
    '--tags',
    '--',
    repository,
    '+refs/heads/*:refs/remotes/from/*',
  );
  if (!worked(all)) throw await unreadable(repository, all);
  if (!worked(await git(localTime, 'cat-file', '-e', `${sha}^{commit}`)))
    throw unknownCommit(repository, sha);
};

const demand = (end: CommandEnd, doing: string): string[] => {
  if (worked(end)) return end.lastLines;
  throw new ProviderError('unexpected state', `git could not ${doing} on this worker. Nothing was built.`, {
    lines: end.lastLines,
  });
};

/**
 * An empty repository (gitrepository-layout(5)), without the templates of `git init`: hooks of this machine among them.
 * The longer ids need the format that says so (`extensions.objectFormat` in git-config(1)).
 */
async function emptyRepository(tree: string, sha: string): Promise<void> {
  const own = join(tree, '.git');
  await mkdir(join(own, 'objects'), { recursive: true });
  await mkdir(join(own, 'refs'), { recursive: true });
  await writeFile(join(own, 'HEAD'), 'ref: refs/heads/main\n');
  const format =
    sha.length === 64
      ? '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n'
      : '[core]\n\trepositoryformatversion = 0\n';
  await writeFile(join(own, 'config'), format);
}

async function openRepository(
  { repository, access }: { repository: string; access?: RepositoryAccess },
  scratch: string,
  { openAccess }: CheckoutTools,
): Promise<OpenedAccess | undefined> {
  if (access === undefined) return undefined;
  if (openAccess !== undefined) return openAccess(access, repository, scratch);
  throw new ProviderError('denied', 'This worker cannot open private repositories. Nothing was fetched.');
}

/**
 * Brings exactly one commit of a repository (a URL or a path) below `scratch`. Throws ProviderError `unknown commit`,
 * `repository gone`, `unreachable`, `aborted`, or `bad service file` when the commit has no such folder.
 */
export const checkOut = async (
  from: { repository: string; access?: RepositoryAccess; folder: string; sha: string },
  scratch: string,
  tools: CheckoutTools,
  call: TaskCall,
): Promise<Checkout> => {
  const { repository, sha } = from;
  if (!shaPattern.test(sha)) throw unknownCommit(repository, sha);
  const tree = join(scratch, `tree-${sha.slice(0, 12)}`);
  await mkdir(tree, { recursive: true });
  await writeFile(join(scratch, 'gitconfig'), configuration);
  await emptyRepository(tree, sha);
  const git = gitIn(tree, scratch, undefined, tools, call);
  const opened = await openRepository(from, scratch, tools);
  try {
    // Only what speaks to the forge is given the key or token.
    await fetchCommit(gitIn(tree, scratch, opened, tools, call), repository, sha);
  } finally {
    await opened?.close();
  }
  const [out, shown] = await Promise.all([
    git(localTime, 'checkout', '--quiet', '--detach', sha),
    git(localTime, 'show', '--no-patch', '--format=%ct', sha),
  ]);
  demand(out, 'check out the commit');
  const [commitTime = '0'] = demand(shown, 'read the commit');
  const folder = await inside(tree, from.folder);
  if (folder === undefined) {
    throw new ProviderError(
      'bad service file',
      `The commit ${sha.slice(0, 12)} has no folder "${from.folder}". Nothing was built; correct the service's folder.`,
    );
  }
  return { tree: await realpath(tree), folder, commitTime: commitTime.trim() };
};
