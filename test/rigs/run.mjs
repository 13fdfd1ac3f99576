#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs what needs more than Node.js: for each folder beside this file with a rig.mjs, or only for those named
 * (the slow ones are run by name only),
 * installs and starts what the rig needs, runs its *.rig.test.ts with the rig's environment, and stops it again.
 * A rig exports `rig = { name, start() -> { env }, stop(), halt?(), resume?(), reload?() }`.
 */
const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..');
const all = readdirSync(here).filter((name) => existsSync(join(here, name, 'rig.mjs')));
const byNameOnly = new Set(['openstack', 'aws']);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no rig named ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(2);
}

let current;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await current?.stop().catch(() => {});
    process.exit(130);
  });
}

const results = [];
for (const name of asked.length > 0 ? asked : all.filter((one) => !byNameOnly.has(one))) {
  const began = Date.now();
  const verdict = await runRig(name).catch(
    (error) => `failed: ${error instanceof Error ? error.message : error}`,
  );
  results.push({ name, verdict, seconds: ((Date.now() - began) / 1_000).toFixed(1) });
}
console.log('\nRigs:');
for (const { name, verdict, seconds } of results)
  console.log(`  ${name.padEnd(12)} ${verdict} (${seconds} s)`);
process.exit(results.every(({ verdict }) => verdict === 'passed' || verdict === 'has no tests yet') ? 0 : 1);

async function runRig(name) {
  const folder = join(here, name);
  const hasTests = readdirSync(folder, { recursive: true }).some((file) =>
    String(file).endsWith('.rig.test.ts'),
  );
  console.log(`\nRig ${name}`);
  const { rig } = await import(join(folder, 'rig.mjs'));
  current = rig;
  const control = await openControl(rig);
  try {
    const { env } = await rig.start();
    if (!hasTests) return 'has no tests yet';
    const code = await vitest(folder, { ...env, BAKERY_TEST_CONTROL: control.url });
    return code === 0 ? 'passed' : 'failed';
  } finally {
    control.close();
    await rig.stop();
    current = undefined;
  }
}

function vitest(folder, env) {
  const cli = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [cli, 'run', '--config', 'vitest.rigs.config.ts', relative(project, folder) + sep];
  const child = spawn(process.execPath, args, {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Tests take their server away and bring it back by `POST <url>/halt`, `/resume` and `/reload`. */
async function openControl(rig) {
  const key = randomBytes(16).toString('hex');
  const server = createServer(async (request, response) => {
    const action = {
      [`/${key}/halt`]: rig.halt,
      [`/${key}/resume`]: rig.resume,
      [`/${key}/reload`]: rig.reload,
    }[request.url ?? ''];
    try {
      if (request.method !== 'POST' || !action) response.statusCode = 404;
      else await action();
      response.end();
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/${key}`, close: () => server.close() };
}
