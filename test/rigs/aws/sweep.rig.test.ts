import { randomBytes } from 'node:crypto';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { removeSlot } from '../../../src/balancers/elb/remove.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { doorsOf, leftOf, sweep, sweepDoors } from '../../aws/sweep.mjs';
import { freePort } from '../../support/free-port.ts';
import { freeCall } from '../../support/settle.ts';
import { webMember } from '../../support/web-member.ts';
import { account } from './account.ts';
import { elbRig, elbSettings } from './elb-world.ts';

it('a sweep finds and removes all that carries its prefix, and nothing else', async () => {
  const { region, bucket, base, subnets } = account();
  const [prefix, other] = [1, 2].map(() => `sweep-${randomBytes(4).toString('hex')}`);
  const ec2 = new EC2Client({ region });
  const tagged = (ResourceType: 'instance' | 'snapshot', owner: string | undefined) => [
    { ResourceType, Tags: [{ Key: 'bakery:owner', Value: `${owner}-1` }] },
  ];
  const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 1 }));
  for (const owner of [prefix, other]) {
    await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: base, InstanceType: 't3.small', MinCount: 1, MaxCount: 1, SubnetId: subnets[0] },
        TagSpecifications: tagged('instance', owner),
      }),
    );
    await ec2.send(new CreateSnapshotCommand({ VolumeId, TagSpecifications: tagged('snapshot', owner) }));
    await new SSMClient({ region }).send(
      new PutParameterCommand({ Name: `/bakery-demo/${owner}-1/one`, Value: 'one', Type: 'SecureString' }),
    );
    await new S3Client({ region }).send(
      new PutObjectCommand({ Bucket: bucket, Key: `${owner}-1/bakes/one`, Body: 'one' }),
    );
  }
  const before = await leftOf({ region, bucket, prefix });
  expect([before.machines.length, before.snapshots.length]).toEqual([1, 1]);
  expect(before).toMatchObject({
    objects: [`${prefix}-1/bakes/one`],
    parameters: [`/bakery-demo/${prefix}-1/one`],
  });
  expect(await sweep({ region, bucket, prefix })).toHaveLength(4);
  expect(Object.values(await leftOf({ region, bucket, prefix })).flat()).toEqual([]);
  expect(await sweep({ region, bucket, prefix: other })).toHaveLength(4);
});

it('a sweep removes doors of the demo that were not there before, with their groups, and no others', async () => {
  const place = { region: account().region, loadBalancer: account().loadBalancer };
  const { balancer } = await elbRig();
  const open = async (slot: string) => {
    const frontend = { slot, port: await freePort() };
    const member = await webMember(slot);
    onTestFinished(() => member.close());
    await balancer.attach(frontend, member.instance, { path: '/health' }, 1, freeCall());
    return frontend;
  };
  const there = await open('hello.dev');
  const [other, come] = [await open('other.production'), await open('hello.staging')];
  const all = await doorsOf(place);
  expect(all).toHaveLength(2);
  const before = [all[0] ?? { arn: '', groups: [] }];
  const removed = await sweepDoors(place, before);
  expect(removed).toEqual([all[1]?.arn, ...(all[1]?.groups ?? [])]);
  expect(all[1]?.groups).not.toEqual([]);
  expect(await doorsOf(place)).toEqual(before);
  const known = async (frontend: Frontend) => (await balancer.members(frontend, freeCall())).members.length;
  expect(await Promise.all([there, other, come].map(known))).toEqual([1, 1, 0]);
  await sweepDoors(place, []);
  await removeSlot(elbSettings(), other, freeCall());
});
