import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { account } from './account.ts';
import { everything } from './everything.ts';

const cli = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/cli.js');

it('tells the whole story on instances behind a load balancer of AWS', { timeout: 7_200_000 }, async () => {
  const { base, bucket, subnets, securityGroup, loadBalancer, profile, region, frontDoor } = account();
  const before = await everything();
  const owner = process.env.BAKERY_TEST_OWNER;
  const args = [
    ...[cli, 'demo', '--auto', '--provider', 'aws', '--base-image', base, '--region', region],
    ...['--bucket', bucket, '--subnets', subnets.join(','), '--security-group', securityGroup],
    ...['--load-balancer', loadBalancer, '--profile', profile],
    // A run on a cloud that costs money knows all that it made by one prefix.
    ...(owner === undefined ? [] : ['--owner', `${owner}-demo`]),
    ...(frontDoor === undefined ? [] : ['--front-door', frontDoor]),
  ];
  const { stdout: said } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  expect(said).toContain('Every step was as it must be.');
  expect(said).toMatch(/v1 ran in dev, staging and production from the same image, sha256:[0-9a-f]{64}/);
  expect(said).toMatch(/requests sent: [1-9]\d{3,}, failed: 0/);
  expect(await everything()).toEqual(before);
});
