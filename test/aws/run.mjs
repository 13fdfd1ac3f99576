#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mostOf, suites } from './prices.mjs';

/**
 * `npm run test:aws`: the suites of the rig that need no faults, or those named, and of these only what `-t words` names,
 * against the account that the environment names. It says whose that is and what it can cost before it begins, and begins
 * only below BAKERY_AWS_PRICE_LIMIT (in dollars); is ended when it takes longer than that was reckoned with; and ends by a
 * sweep of all that carries its prefix.
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
const { values, positionals: asked } = parseArgs({
  options: { only: { type: 'string', short: 't' } },
  allowPositionals: true,
});
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
const who = await caller().catch((error) =>
  refuse(
    `AWS does not know who asks (${error.name}: ${error.message}). Give credentials as every program of AWS takes them: a role, a profile or keys in the environment.`,
  ),
);
const { doorsOf, sweep, sweepDoors } = await import('./sweep.mjs');
const doors = await doorsOf(told).catch((error) =>
  refuse(
    `The load balancer ${told.loadBalancer} cannot be looked at (${error.name}: ${error.message}). Correct BAKERY_AWS_LOAD_BALANCER or the rights of ${who.Arn}.`,
  ),
);
const prefix = `bakery-test-${randomBytes(4).toString('hex')}`;
const account = {
  ...told,
  ...{
    prefix,
    vpc: '',
    endpoint: '',
    network: '',
    frontDoor: process.env.BAKERY_AWS_FRONT_DOOR,
    types: [type],
    boot: 240_000,
    patience: 1_800_000,
  },
  subnets: told.subnets.split(','),
};
console.log(`${who.Arn} of the account ${who.Account}.`);
console.log(`At most ${most} dollars (limit ${told.limit}). All that is made carries ${prefix}.`);

const codes = [];
for (const name of chosen) codes.push(await run(name));
const left = [...(await sweepDoors(account, doors)), ...(await sweep(account))];
for (const one of left) console.error(`was left, and is removed: ${one}`);
console.log(left.length === 0 ? 'Nothing was left.' : `${left.length} things had been left.`);
process.exit(codes.every((code) => code === 0) && left.length === 0 ? 0 : 1);

function refuse(sentence) {
  console.error(`${sentence} Nothing was begun.`);
  process.exit(2);
}

function caller() {
  const requestHandler = { requestTimeout: 10_000, connectionTimeout: 5_000 };
  const sts = new STSClient({ region: told.region, maxAttempts: 2, requestHandler });
  return sts.send(new GetCallerIdentityCommand({}));
}

function run(name) {
  const cli = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const args = [cli, 'run', '--config', 'vitest.rigs.config.ts', `test/rigs/aws/${name}`];
  if (values.only !== undefined) args.push('-t', values.only);
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
