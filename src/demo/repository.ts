import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childEntry } from '../child-entry.ts';
import { type Place, projectRoot } from './place.ts';
import { replaceOnce } from './variants.ts';

/** The demo's own commits, whatever the machine's git is set up to. */
const author = [
  '-c',
  'user.name=Ada Byron',
  '-c',
  'user.email=ada@example.test',
  '-c',
  'commit.gpgsign=false',
];

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', [...author, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/**
 * Makes a real repository from examples/hello: a bare one that Bakery reads, and a checkout to work in whose commits
 * are pushed at once. The push reaches Bakery as a signed webhook, sent by the bare repository's hook. `base` is what
 * its image is made on, in the provider's words.
 */
export function makeRepository(place: Place, base = ''): void {
  if (existsSync(place.work)) return;
  mkdirSync(dirname(place.origin), { recursive: true });
  git(dirname(place.origin), 'init', '--quiet', '--bare', '--initial-branch=main', place.origin);
  cpSync(join(projectRoot, 'examples/hello'), place.work, { recursive: true });
  const recipe = join(place.work, 'bakery.yaml');
  const text = readFileSync(recipe, 'utf8');
  writeFileSync(recipe, replaceOnce(text, 'image: { base: "",', `image: { base: ${JSON.stringify(base)},`));
  git(place.work, 'init', '--quiet', '--initial-branch=main');
  for (const [name, value] of [
    ['user.name', 'Ada Byron'],
    ['user.email', 'ada@example.test'],
  ] as const) {
    git(place.work, 'config', name, value);
  }
  git(place.work, 'remote', 'add', 'origin', place.origin);
  // Before the hooks are there: the first release is asked for by somebody.
  commitAll(place, 'Say hello');
  git(place.work, 'push', '--quiet', 'origin', 'HEAD:main');
  hook(join(place.work, '.git/hooks/post-commit'), 'git push --quiet origin HEAD:main');
  const sender = childEntry(import.meta.url, 'push-hook');
  hook(
    join(place.origin, 'hooks/post-receive'),
    `exec ${quoted(process.execPath)} ${quoted(sender)} ${quoted(join(place.root, 'demo.json'))} ${quoted(place.origin)}`,
  );
}

function hook(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** One word for the hook's shell, whatever the path holds. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Commits whatever stands in the checkout; its hook pushes. Returns the commit's id. */
export function commitAll({ work }: Place, message: string): string {
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', message);
  return git(work, 'rev-parse', 'HEAD').trim();
}
