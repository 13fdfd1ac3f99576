#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mostOf, suites } from './prices.mjs';

/**
 * `npm run test:aws`: the suites of the rig that need no faults, against the account that the environment names. It says
 * what it can cost before it begins, and begins only below BAKERY_AWS_PRICE_LIMIT (in dollars); is ended when it takes longer
 * than that was reckoned with; and ends by a sweep of all that carries its prefix.
 */
const project = join(fileURLToPath(import.meta.url), '../../..');
const needed = {
  region: 'AWS_REGION',
  base: 'BAKERY_AWS_BASE',
  bucket: 'BAKERY_AWS_BUCKET',
  subnets: 'BAKERY_AWS_SUBNETS',
  securityGroup: 'BAKERY_AWS_SECURITY_GROUP',
  profile: 'BAKERY_AWS_PROFILE',
  loadBalancer: 'BAKERY_AWS_LOAD_BALANCER',
  limit: 'BAKERY_AWS_PRICE_LIMIT',
};
const told = Object.fromEntries(
  Object.entries(needed).map(([name, variable]) => [name, process.env[variable]]),
);
const missing = Object.entries(needed).filter(([name]) => !told[name]);
if (missing.length > 0) {
  const names = missing.map(([, variable]) => variable).join(', ');
  console.error(`Set ${names}: docs/aws.md says what they are. Nothing was begun.`);
  process.exit(2);
}
const asked = process.argv.slice(2);
const chosen = asked.length > 0 ? asked : Object.keys(suites);
const unknown = chosen.filter((name) => suites[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. There are: ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const type = process.env.BAKERY_AWS_TYPE ?? 't3.small';
const most = mostOf(chosen, type);
if (!(most <= Number(told.limit))) {
  console.error(`This can cost ${most} dollars, and the limit is ${told.limit}. Nothing was begun.`);
  process.exit(2);
}
const prefix = `bakery-test-${randomBytes(4).toString('hex')}`;
const account = {
  ...told,
  ...{ prefix, vpc: '', endpoint: '', network: '', types: [type], boot: 240_000, patience: 1_800_000 },
  subnets: told.subnets.split(','),
};
console.log(`At most ${most} dollars (limit ${told.limit}). All that is made carries ${prefix}.`);

const codes = [];
for (const name of chosen) codes.push(await run(name));
const { sweep } = await import('./sweep.mjs');
const left = await sweep(account);
for (const one of left) console.error(`was left, and is removed: ${one}`);
console.log(left.length === 0 ? 'Nothing was left.' : `${left.length} things had been left.`);
process.exit(codes.every((code) => code === 0) && left.length === 0 ? 0 : 1);

function run(name) {
  const cli = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [cli, 'run', '--config', 'vitest.rigs.config.ts', `test/rigs/aws/${name}`];
  const env = { ...process.env, BAKERY_TEST_AWS: JSON.stringify(account), BAKERY_TEST_OWNER: prefix };
  const child = spawn(process.execPath, args, { cwd: project, stdio: 'inherit', env });
  const timer = setTimeout(() => child.kill('SIGTERM'), suites[name].hours * 3_600_000);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
