import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';
import type { DeclaredVariable } from '../pipeline/domain/service-file.ts';
import { type Named, namedVariables } from './environment.ts';

/** How a repository is built and started, as far as its files tell. */
export interface Looked {
  name: string;
  kind: 'dockerfile' | 'node' | 'go';
  compile?: string[];
  test?: string[];
  /** What makes `file`, where there is no Dockerfile. */
  package?: { run: string[]; file: string };
  start?: string[];
  /** A path that its sources answer and that sounds like health. */
  health: string | undefined;
  variables: Pick<DeclaredVariable, 'name' | 'type'>[];
}

const manifest = z.object({
  name: z.string().optional(),
  main: z.string().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  devDependencies: z.record(z.string(), z.unknown()).default({}),
});

/** The same archive for the same files, whoever packs them. */
const pack = (...what: string[]): string[] => [
  'tar',
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '-cf',
  'package.tar',
  ...what,
];

/** Looks at a checkout; undefined when nothing in it tells how it is started. Runs nothing of it. */
export function lookAt(folder: string): Looked | undefined {
  const sources = sourcesOf(folder);
  const common = {
    name: nameOf(folder),
    health: healthIn(sources),
    variables: variablesOf([...namedVariables(folder), ...readIn(sources)]),
  };
  if (existsSync(join(folder, 'Dockerfile'))) return { ...common, kind: 'dockerfile' };
  if (existsSync(join(folder, 'package.json'))) return nodeOf(folder, common);
  if (existsSync(join(folder, 'go.mod'))) return goOf(common);
  return undefined;
}

type Common = Pick<Looked, 'name' | 'health' | 'variables'>;

function nodeOf(folder: string, common: Common): Looked | undefined {
  const read = manifest.safeParse(jsonOf(join(folder, 'package.json')));
  if (!read.success) return undefined;
  const { scripts, main, dependencies, devDependencies } = read.data;
  const start = startOf(scripts.start) ?? firstOf(folder, [main, 'server.js', 'index.js']);
  if (start === undefined) return undefined;
  const needs = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
  const install = existsSync(join(folder, 'package-lock.json')) ? 'npm ci' : 'npm install';
  const steps = [...(needs ? [install] : []), ...(scripts.build === undefined ? [] : ['npm run build'])];
  const hasTests = scripts.test !== undefined && !scripts.test.includes('no test specified');
  return {
    ...common,
    kind: 'node',
    ...(steps.length === 0
      ? {}
      : { compile: steps.length === 1 ? words(steps[0]) : ['sh', '-c', steps.join(' && ')] }),
    ...(hasTests ? { test: ['npm', 'test'] } : {}),
    package: { run: pack('--exclude=./.git', '--exclude=./package.tar', '.'), file: 'package.tar' },
    start,
  };
}

const goOf = (common: Common): Looked => ({
  ...common,
  kind: 'go',
  compile: ['go', 'build', '-o', `out/${common.name}`, '.'],
  test: ['go', 'test', './...'],
  package: { run: pack('-C', 'out', common.name), file: 'package.tar' },
  start: [`./${common.name}`],
});

const words = (text = ''): string[] => text.split(' ').filter((word) => word !== '');

/** A start script that is one plain command; what needs a shell is left to a person. */
const startOf = (script: string | undefined): string[] | undefined =>
  script !== undefined && /^[\w./@:=, -]+$/.test(script) ? words(script) : undefined;

function firstOf(folder: string, names: (string | undefined)[]): string[] | undefined {
  const found = names.find((name) => name !== undefined && existsSync(join(folder, name)));
  return found === undefined ? undefined : ['node', found];
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A name that Bakery takes, from that of the folder. */
const nameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40) || 'service';

const looked = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.go', '.py', '.rb', '.java', '.kt']);
const mostFiles = 500;
const largest = 256 * 1024;

/** The texts of its sources, a bounded number of them. */
function sourcesOf(folder: string): string[] {
  const found: string[] = [];
  const wait = [folder];
  for (let next = wait.shift(); next !== undefined && found.length < mostFiles; next = wait.shift()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !/^(\.|node_modules$|vendor$|dist$|out$|test)/.test(entry.name))
        wait.push(path);
      const counts = entry.isFile() && looked.has(extname(entry.name)) && found.length < mostFiles;
      if (counts && statSync(path).size <= largest) found.push(readFileSync(path, 'utf8'));
    }
  }
  return found;
}

const healthPaths = ['/healthz', '/health', '/readyz', '/ready', '/livez', '/status', '/ping'];

const healthIn = (sources: string[]): string | undefined =>
  healthPaths.find((path) => sources.some((text) => new RegExp(`["'\`]${path}["'\`]`).test(text)));

const reads =
  /(?:process\.env\.|process\.env\[["']|os\.Getenv\("|os\.environ\[["']|os\.getenv\(["']|ENV\[["'])([A-Z][A-Z0-9_]{1,63})/g;
/** What Bakery or the machine gives by itself. */
const given = /^(?:PORT|HOST|PATH|HOME|USER|TMPDIR|TZ|LANG|CI|DEBUG|NODE_.*|npm_.*|BAKERY_.*)$/;

const readIn = (sources: string[]): Named[] =>
  [...new Set(sources.flatMap((text) => [...text.matchAll(reads)].flatMap(([, name]) => name ?? [])))].map(
    (name) => ({ name }),
  );

function variablesOf(found: Named[]): Looked['variables'] {
  const examples = new Map<string, string | undefined>();
  for (const { name, example } of found) examples.set(name, examples.get(name) ?? example);
  return [...examples]
    .filter(([name]) => !given.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, 100)
    .map(([name, example = '']) => ({ name, type: typeOf(name, example) }));
}

const sounds =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|KEY|CREDENTIALS?|DSN|PRIVATE)(?:_|$)|^DATABASE_URL$/;

/** By its name, and by the example that the repository gives. What may be a secret is taken for one. */
function typeOf(name: string, example: string): DeclaredVariable['type'] {
  if (sounds.test(name) || /:\/\/[^/\s]*@/.test(example)) return 'secret';
  if (/_UR[IL]$/.test(name) || /^https?:\/\//.test(example)) return 'url';
  if (/^-?\d{1,15}(?:\.\d+)?$/.test(example)) return 'number';
  return /^(?:true|false)$/.test(example) ? 'boolean' : 'string';
}
