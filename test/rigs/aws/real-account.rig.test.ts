import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateSnapshotCommand, CreateVolumeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, it, vi } from 'vitest';
import { leftOf } from '../../aws/sweep.mjs';
import { account } from './account.ts';
import { everything } from './everything.ts';

vi.setConfig({ testTimeout: 300_000 });

/** `npm run test:aws` for one promise of the contract, as whoever has an account would run it, told of the rig's. */
function testOfAnAccount() {
  const { region, base, bucket, subnets, securityGroup, profile, loadBalancer } = account();
  const told = {
    ...{ AWS_REGION: region, BAKERY_AWS_BASE: base, BAKERY_AWS_BUCKET: bucket },
    ...{ BAKERY_AWS_SUBNETS: subnets.join(','), BAKERY_AWS_SECURITY_GROUP: securityGroup },
    ...{ BAKERY_AWS_PROFILE: profile, BAKERY_AWS_LOAD_BALANCER: loadBalancer, BAKERY_AWS_PRICE_LIMIT: '9' },
  };
  const program = fileURLToPath(new URL('../../aws/run.mjs', import.meta.url));
  const only = 'an image that is there as it was baked is inspected as present';
  const child = spawn(process.execPath, [program, 'contract.rig.test.ts', '-t', only], {
    env: { ...process.env, ...told },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const hasPrefix = async (): Promise<string> => {
    for (;;) {
      const prefix = /All that is made carries (bakery-test-[0-9a-f]{8})\./.exec(said)?.[1];
      if (prefix !== undefined) return prefix;
      if (child.exitCode !== null) throw new Error(`it ended without a prefix: ${said}`);
      await pause(50);
    }
  };
  return { said: () => said, ended, hasPrefix, isRunning: () => child.exitCode === null };
}

it('a test of an account makes all that it makes under its prefix, and its sweep finds nothing left', async () => {
  const { region, bucket } = account();
  const before = await everything();
  const test = testOfAnAccount();
  const prefix = await test.hasPrefix();
  let seen = 0;
  while (test.isRunning()) {
    seen = Math.max(seen, (await leftOf({ region, bucket, prefix })).machines.length);
    await pause(500);
  }
  expect([await test.ended, seen], test.said()).toEqual([0, 1]);
  expect(test.said()).toMatch(/arn:aws:\S+ of the account \d{12}\.\nAt most \d+\.\d+ dollars \(limit 9\)/);
  expect(test.said()).toContain('1 passed');
  expect(test.said()).toContain('Nothing was left.');
  expect(await everything()).toEqual(before);
});

it('a test of an account that leaves something fails, says what it was, and removes it', async () => {
  const { region } = account();
  const ec2 = new EC2Client({ region });
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 1 }));
  const before = await everything();
  const test = testOfAnAccount();
  const Tags = [{ Key: 'bakery:owner', Value: `${await test.hasPrefix()}-lost` }];
  const { SnapshotId } = await ec2.send(
    new CreateSnapshotCommand({ VolumeId, TagSpecifications: [{ ResourceType: 'snapshot', Tags }] }),
  );
  expect(await test.ended, test.said()).toBe(1);
  expect(test.said()).toContain('1 passed');
  expect(test.said()).toContain(`was left, and is removed: ${SnapshotId}`);
  expect(await everything()).toEqual(before);
});
