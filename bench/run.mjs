#!/usr/bin/env node
// npm run bench [-- figure …]: bundles the benchmark, starts a Redis of its own, and runs it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rig as dockerRig } from '../test/rigs/docker/rig.mjs';
import { endLeft } from '../test/rigs/end-all.mjs';
import { findBinary, installed } from '../test/rigs/machine.mjs';
import { rig } from '../test/rigs/redis/rig.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = `${project}.rigs/bench`;
mkdirSync(folder, { recursive: true });
const outfile = `${folder}/main-${process.pid}.mjs`;
await build({
  entryPoints: [`${project}bench/main.ts`],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'error',
  plugins: [
    {
      name: 'the product as it was built',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/src\/.*\.ts$/ }, ({ path, resolveDir }) => ({
          path: resolve(resolveDir, path)
            .replace(`${project}src/`, `${project}dist/`)
            .replace(/\.ts$/, '.js'),
          external: true,
        })),
    },
  ],
});
const asked = process.argv.slice(2);
const isRoot = process.getuid?.() === 0;
const onDocker =
  asked.some((name) => name.startsWith('docker')) ||
  (asked.length === 0 && isRoot && findBinary(['dockerd']) !== undefined);
const { env } = await rig.start();
let engine = { env: {} };
if (onDocker) {
  // What the script that Bakery is measured against speaks to HAProxy by.
  installed('socat', () => findBinary(['socat']));
  engine = await dockerRig.start();
}
/** In the environment of all that is measured. */
const mark = { BAKERY_BENCH_RUN: randomBytes(8).toString('hex') };
const rigs = { ...env, ...engine.env };
const child = spawn(process.execPath, ['--expose-gc', outfile, ...asked], {
  cwd: project,
  stdio: 'inherit',
  env: { ...process.env, ...rigs, ...mark },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const code = await new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
// A figure that failed, or was ended, has left what it measured.
await endLeft('The bench', { mark, rigs });
await rig.stop();
if (onDocker) await dockerRig.stop();
rmSync(outfile, { force: true });
process.exit(code);
