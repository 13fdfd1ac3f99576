#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endAll, endLeft } from './end-all.mjs';

/**
 * Runs what needs more than Node.js: for each folder beside this file with a rig.mjs, or only for those named
 * (the slow ones are run by name only),
 * installs and starts what the rig needs, runs its *.rig.test.ts with the rig's environment, and stops it again.
 * `docker/held` runs only the files of the rig whose names have that word.
 * A rig exports `rig = { name, start() -> { env }, stop(), halt?(), resume?(), reload?() }`.
 */
const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, '..', '..');
const all = readdirSync(here).filter((name) => existsSync(join(here, name, 'rig.mjs')));
/** In the environment of all that the tests start. */
const mark = { BAKERY_RIG_RUN: randomBytes(8).toString('hex') };
const byNameOnly = new Set(['openstack', 'aws']);
const asked = new Map();
for (const [name, word] of process.argv.slice(2).map((one) => one.split('/')))
  asked.set(name, [...(asked.get(name) ?? []), ...(word === undefined ? [] : [word])]);
const unknown = [...asked.keys()].filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no rig named ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  process.exit(2);
}

/** Takes away the rig that runs, once however often it is asked. */
let stop = async () => {};
let tests;
/** Set once a signal came: resolves when nothing is left. */
let ending;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    console.error(`\n${signal}: the tests are ended, and the rig is taken away.`);
    ending ??= end();
  });
}

async function end() {
  if (tests !== undefined) await endAll(tests);
  await stop().catch((error) => console.error(error));
  process.exit(130);
}

const results = [];
for (const name of asked.size > 0 ? asked.keys() : all.filter((one) => !byNameOnly.has(one))) {
  const began = Date.now();
  const verdict = await runRig(name).catch(
    (error) => `failed: ${error instanceof Error ? error.message : error}`,
  );
  await ending;
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
  let stopped;
  stop = () => {
    stopped ??= rig.stop();
    return stopped;
  };
  const control = await openControl(rig);
  try {
    const { env } = await rig.start();
    if (!hasTests) return 'has no tests yet';
    const code = await vitest(folder, asked.get(name) ?? [], { ...env, BAKERY_TEST_CONTROL: control.url });
    return code === 0 ? 'passed' : 'failed';
  } finally {
    control.close();
    if (tests !== undefined && ending === undefined) await endLeft(`The tests of ${name}`, tests);
    await stop();
    tests = undefined;
  }
}

function vitest(folder, words, env) {
  const cli = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const below = relative(project, folder) + sep;
  const files = words.length === 0 ? [below] : words.map((word) => below + word);
  const child = spawn(process.execPath, [cli, 'run', '--config', 'vitest.rigs.config.ts', ...files], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, ...env, ...mark },
    // A terminal's Ctrl-C reaches this process alone, which then ends the tests.
    detached: true,
  });
  tests = { root: child.pid, mark, rigs: env };
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      // Its number may be another's soon.
      tests = { mark, rigs: env };
      resolve(code ?? 1);
    });
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
