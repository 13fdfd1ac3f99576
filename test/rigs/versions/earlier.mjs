import { execFileSync } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const git = (...argv) =>
  execFileSync('git', argv, { cwd: project, encoding: 'utf8', maxBuffer: 256 << 20 }).trim();

/** What the processes of an installation have been made of since the selftest runs them. */
const part = 'src/selftest/processes/part.ts';

/**
 * The last release before this one; before there is any, the first commit that can be started as a process of its own.
 * Undefined where the clone's history was cut.
 */
function earlierCommit() {
  try {
    const [released] = git(
      'tag',
      '--list',
      'v[0-9]*',
      '--sort=-version:refname',
      '--no-contains',
      'HEAD',
      '--merged',
      'HEAD',
    ).split('\n');
    if (released) return { commit: released, words: `${released}, the last release` };
    const [commit] = git('log', '--reverse', '--format=%H', '--diff-filter=A', '--', part).split('\n');
    const since = Number(git('rev-list', '--count', `${commit}..HEAD`));
    if (since === 0) return undefined;
    return { commit, words: `${commit.slice(0, 9)}, ${since} commits ago, since there is no release yet` };
  } catch {
    return undefined;
  }
}

/** Builds the earlier version's process in a folder of its own. */
export async function buildEarlier() {
  const chosen = earlierCommit();
  if (chosen === undefined) {
    const words =
      'this version itself: Git’s history is not here, and holds what would be tried (git fetch --unshallow)';
    return { entry: join(project, 'dist', 'selftest', 'part.js'), words };
  }
  const folder = mkdtempSync(join(tmpdir(), 'bakery-earlier-'));
  const files = git(
    'archive',
    '--format=tar',
    '-o',
    join(folder, 'files.tar'),
    chosen.commit,
    'src',
    'migrations',
    'package.json',
  );
  if (files !== '') console.log(files);
  execFileSync('tar', ['-xf', 'files.tar'], { cwd: folder });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  // As deep as the ledger's own files: they look for their migrations beside dist.
  const entry = join(folder, 'dist', 'selftest', 'part.js');
  await build({
    entryPoints: [join(folder, part)],
    outfile: entry,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['better-sqlite3', '@electric-sql/pglite', 'pg-native'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  return { folder, entry, words: chosen.words };
}
