import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { childEntry } from '../../child-entry.ts';
import { ada } from '../people.ts';
import { type Place, projectRoot } from '../place.ts';

/** Where the story's repository and its files are, below the demo's place. */
export interface Shop {
  origin: string;
  work: string;
  databases: string;
  /** Where the key of the outside CI is. */
  key: string;
}

export const shopAt = ({ root }: Place): Shop => ({
  origin: join(root, 'origin', 'shop.git'),
  work: join(root, 'shop'),
  databases: join(root, 'databases'),
  key: join(root, 'submit-key'),
});

export const databaseOf = ({ databases }: Shop, environment: string): string =>
  join(databases, `${environment}.sqlite`);

/** The node_modules that this program runs with: the CI of the story takes SQLite from there. */
const modules = (): string =>
  dirname(dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json')));

const identity = [
  ...['-c', `user.name=${ada.realName}`, '-c', `user.email=${ada.email}`],
  ...['-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false'],
];

export const git = ({ work }: Shop, ...args: string[]): string =>
  execFileSync('git', [...identity, ...args], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** A real monorepo from examples/shop, with a bare one that Bakery reads. */
export function makeShop(shop: Shop, key: string): void {
  const { origin, work, databases } = shop;
  if (existsSync(work)) return;
  mkdirSync(dirname(origin), { recursive: true });
  mkdirSync(databases, { recursive: true });
  writeFileSync(shop.key, key, { mode: 0o600 });
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
  cpSync(join(projectRoot, 'examples/shop'), work, { recursive: true });
  git(shop, 'init', '--quiet', '--initial-branch=main');
  git(shop, 'remote', 'add', 'origin', origin);
}

/** Changes a file of the repository; throws when `from` does not stand there exactly once. */
export function change({ work }: Shop, file: string, from: string, to: string): void {
  const path = join(work, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold this once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

export const write = ({ work }: Shop, file: string, text: string): void =>
  writeFileSync(join(work, file), text);

/** Commits whatever stands in the checkout and pushes the branch. Returns the commit's id. */
export function commitAndPush(shop: Shop, message: string): string {
  git(shop, 'add', '--all');
  git(shop, 'commit', '--quiet', '--message', message);
  git(shop, 'push', '--quiet', 'origin', 'HEAD');
  return git(shop, 'rev-parse', 'HEAD');
}

/** The outside CI at work on what is checked out: examples/shop/ci.sh, as it stands. Returns what it printed. */
export async function runCi(shop: Shop, { ports }: Place, ref: string, reason?: string): Promise<string> {
  const argv = [join(shop.work, 'ci.sh'), ref, ...(reason === undefined ? [] : [reason])];
  const { stdout } = await promisify(execFile)('bash', argv, {
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
      HOME: shop.databases,
      BAKERY_URL: `http://127.0.0.1:${ports.http}`,
      BAKERY_SUBMIT_KEY: readFileSync(shop.key, 'utf8'),
      BAKERY: `${process.execPath} ${childEntry(import.meta.url, '../../cli')}`,
      MODULES: modules(),
    },
  });
  return stdout;
}

/** What the production database says of the work, by the shop's own report. */
export interface Report {
  columns: string[];
  groups: { version: string; currency: string | null; invoices: number; fractions: number }[];
  open: number;
  taken: number;
  twice: number;
}

/** Programs of the repository run from its checkout, with SQLite from where the CI takes it. */
export const shopEnvironment = (shop: Shop): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  DATABASE: databaseOf(shop, 'production'),
});

export const linkModules = (shop: Shop): void => {
  if (existsSync(join(shop.work, 'node_modules'))) return;
  execFileSync('ln', ['-s', modules(), join(shop.work, 'node_modules')]);
  write(shop, '.gitignore', 'node_modules\n');
};

export function report(shop: Shop): Report {
  const file = join(shop.work, 'services/invoices/report.js');
  const printed = execFileSync(process.execPath, [file], { env: shopEnvironment(shop), encoding: 'utf8' });
  return JSON.parse(printed);
}
