import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { printProblem } from '../../src/config/problem.ts';

export const goodBot = `name: test
data: data
slack: { mode: http, botToken: env:BOT, signingSecret: env:SIGN, defaultChannel: C001 }
providers:
  machine: { kind: local, root: machine }
balancers:
  front: { kind: embedded, dataDir: front }
`;

export const goodService = `repository: /srv/git/hello.git
provider: machine
people: { bake: ['*'], approve: ['T1/U1'], rollback: ['*'], retire: ['*'] }
defaults: { balancer: front }
environments:
  dev: { port: 7001 }
  staging: { port: 7002 }
`;

/** The same service with these settings in its first environment. */
export const serviceWithSettings = (text: string): string =>
  goodService.replace('{ port: 7001 }', `{ port: 7001, settings: ${text} }`);

/** The files of an installation without problems. */
export const good = { 'bot.yaml': goodBot, 'services/hello.yaml': goodService };

/** A folder with these files, new for each call. */
export function folderWith(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'bakery-config-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** The configuration of an installation that has no problems, and its folder. */
export async function load(files: Record<string, string>, env: Record<string, string> = {}) {
  const dir = folderWith(files);
  const loading = await loadConfig(dir, env);
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  return { dir, config: loading.config };
}

/** The problems of an installation, as they are printed. */
export async function problemsOf(
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<string[]> {
  const loading = await loadConfig(folderWith(files), env);
  return loading.ok ? [] : loading.problems.map(printProblem);
}

/** The problems of an installation in which one file is this. */
export const withService = (text: string) => problemsOf({ ...good, 'services/hello.yaml': text });
export const withBot = (text: string, env?: Record<string, string>) =>
  problemsOf({ ...good, 'bot.yaml': text }, env);
