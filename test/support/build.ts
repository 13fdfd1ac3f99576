import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');
const lock = join(dist, '.build.lock');
const stamp = join(dist, '.built');

/** Vitest's globalSetup: compiles src/ to dist/, since tests start processes of their own and Node.js 20 runs no TypeScript. */
export async function setup(): Promise<void> {
  mkdirSync(dist, { recursive: true });
  await takeLock();
  try {
    const sources = fingerprint();
    if (read(stamp) === sources) return;
    if (compile()) writeFileSync(stamp, sources);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A type error still leaves usable output, and `npm run check` is who refuses it: it is shown and built again next time. */
function compile(): boolean {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, encoding: 'utf8' });
    execFileSync(process.execPath, ['scripts/bundle-selftest.mjs'], { cwd: root, encoding: 'utf8' });
    return true;
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    console.warn(`The build that tests start their processes from has errors:\n${output}`);
    return false;
  }
}

/** Two runs at once would write the same files; the second waits, and one whose process is gone is taken over. */
async function takeLock(): Promise<void> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch {
      const owner = Number(read(lock));
      if (owner > 0 && !alive(owner)) rmSync(lock, { force: true });
      else await pause(100);
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function fingerprint(): string {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join('src', name));
  return [...files, 'tsconfig.json', 'tsconfig.build.json', 'scripts/bundle-selftest.mjs']
    .sort()
    .map((name) => `${name} ${statSync(join(root, name)).mtimeMs}`)
    .join('\n');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
