import { keeper } from '../keeper/keeper.ts';
import type { Millis } from '../pipeline/domain/time.ts';

/** How a git command ended. `exit` is undefined when it did not end by itself. */
export interface GitEnd {
  exit: number | undefined;
  stdout: string;
  /** Last lines of its complaint, bounded. */
  complaint: string[];
  timedOut: boolean;
}

const mostOutput = 4 * 1024 * 1024;

/**
 * Settings for every git command: only these transports, no hooks, no questions. Given by environment, so that
 * neither the machine's nor a repository's configuration can undo them.
 */
const settings: Record<string, string> = {
  'protocol.allow': 'never',
  'protocol.file.allow': 'always',
  'protocol.https.allow': 'always',
  'protocol.ssh.allow': 'always',
  'protocol.ext.allow': 'never',
  'safe.directory': '*',
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'gc.autoDetach': 'false',
  'i18n.logOutputEncoding': 'UTF-8',
};

/** The whole environment of a git command. `globalConfig` reaches the processes that git starts for local remotes. */
export function gitEnvironment(
  outside: Readonly<Record<string, string>>,
  globalConfig: string,
): Record<string, string> {
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...outside,
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=10',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    ...Object.fromEntries(pairs),
  };
}

/**
 * Runs git with an argument list under the keeper of this process, in a process group that is ended when `timeout` (ms) is
 * up or this process is gone. Never throws: a git that could not be started has no exit and says so in its complaint.
 */
export async function runGit(
  argv: string[],
  options: { env: Record<string, string>; cwd?: string; timeout: Millis },
): Promise<GitEnd> {
  const { env, cwd = '/', timeout } = options;
  const said = { stdout: '', stderr: '' };
  const running = keeper().run({ argv: ['git', ...argv], cwd, env, timeout }, (from, text) => {
    if (said[from].length < mostOutput) said[from] += text;
    else running.end();
  });
  const over = await running.over;
  const lines = said.stderr.split('\n').filter(Boolean).slice(-5);
  const extra = 'notStarted' in over ? [over.notStarted] : [];
  return {
    exit: 'exit' in over ? over.exit : undefined,
    stdout: said.stdout,
    complaint: [...lines, ...extra].map((line) => line.slice(0, 300)),
    timedOut: 'killed' in over && over.killed === 'timeout',
  };
}
