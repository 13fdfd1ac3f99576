import {
  DisableEbsEncryptionByDefaultCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, expect, it, vi } from 'vitest';
import { checkLoadBalancer, straySlots } from '../../../src/balancers/elb/check.ts';
import { checkAccount } from '../../../src/providers/aws/check.ts';
import { Cloud } from '../../../src/providers/aws/cloud.ts';
import { quotaFindings } from '../../../src/providers/aws/quotas.ts';
import { freeCall } from '../../support/settle.ts';
import { account, rigSays, settings } from './account.ts';
import { elbRig, elbSettings, newFrontend } from './elb-world.ts';

vi.setConfig({ testTimeout: 60_000 });
afterEach(async () => {
  await rigSays('faults', []);
  await rigSays('quotas', {});
});

const { base } = account();
const whole = () => {
  const { instances, ...rest } = settings();
  return { ...rest, instances: { ...instances, profile: account().profile } };
};

it('finds nothing missing but who may reach instances in the rig’s account', async () => {
  const { who, zones, findings } = await checkAccount(whole(), base);
  expect(who).toMatch(/^arn:aws:/);
  expect(zones).toEqual(['eu-central-1a', 'eu-central-1b']);
  expect(findings).toEqual([expect.stringContaining('lets anybody in')]);
});

it('names a bucket, a subnet, a profile and a base that are not there', async () => {
  const made = whole();
  const instances = { ...made.instances, subnets: [...made.instances.subnets, 'subnet-0123456789abcdef0'] };
  const { findings } = await checkAccount(
    { ...made, instances, bucket: 'bakery-none' },
    'ami-0123456789abcdef0',
  );
  const all = findings.join('\n');
  expect(all).toContain('There is no subnet subnet-0123456789abcdef0');
  expect(all).toMatch(/s3:PutObject.*NoSuchBucket/);
  expect(all).toContain('The base ami-0123456789abcdef0 is not there');
});

it('names each permission that is denied', async () => {
  await rigSays('faults', [
    { action: 'ec2:RunInstances', times: 9, code: 'UnauthorizedOperation', status: 403 },
    { action: 'ec2:DescribeSubnets', times: 9, code: 'UnauthorizedOperation', status: 403 },
  ]);
  const { findings } = await checkAccount(whole(), base);
  expect(findings.filter((one) => one.includes('permission')).map((one) => /ec2:\w+/.exec(one)?.[0])).toEqual(
    ['ec2:DescribeSubnets', 'ec2:RunInstances'],
  );
});

it('names quotas that leave no room for a release, and how much of each is used', async () => {
  await rigSays('quotas', { 'L-1216C47A': 5, 'L-B665C33B': 2 });
  const { findings } = await checkAccount(whole(), base);
  expect(findings.filter((one) => one.includes('Service Quotas'))).toEqual([
    expect.stringMatching(/^\d+ of 5 virtual CPUs .* group Standard are used, and a release needs 6 more/),
    expect.stringMatching(/^\d+ of 2 AMIs are there/),
  ]);
});

it.each([
  ['G and VT', 'g4dn.xlarge', 'L-DB2E81BA', 12],
  ['P', 'p5.4xlarge', 'L-417A185B', 48],
  ['F', 'f2.6xlarge', 'L-74FC7D96', 72],
  ['X', 'x2gd.large', 'L-7295265B', 6],
  ['Inf', 'inf1.xlarge', 'L-1945791B', 12],
  ['Trn', 'trn1.2xlarge', 'L-2C3B7624', 24],
  ['DL', 'dl1.24xlarge', 'L-6E869C2A', 288],
  ['HPC', 'hpc6a.48xlarge', 'L-F7808C92', 288],
  ['High Memory', 'u-3tb1.56xlarge', 'L-43DA4232', 672],
])('reads the quota of the group %s, in which %s is counted', async (group, type, code, need) => {
  const { builders, instances, ...rest } = settings();
  const types = [type];
  const cloud = new Cloud({
    ...rest,
    builders: { ...builders, types },
    instances: { ...instances, types },
  });
  expect(await quotaFindings(cloud, freeCall())).toEqual([
    expect.stringContaining(`0 of 0 virtual CPUs for running On-Demand instances of the group ${group} are`),
  ]);
  await rigSays('quotas', { [code]: need - 1 });
  expect(await quotaFindings(cloud, freeCall())).toEqual([
    expect.stringContaining(`0 of ${need - 1} virtual CPUs`),
  ]);
  await rigSays('quotas', { [code]: need });
  expect(await quotaFindings(cloud, freeCall())).toEqual([]);
});

it('says that images cannot be shared where disks are encrypted by AWS’s own key', async () => {
  const ec2 = new EC2Client({ region: account().region });
  await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
  try {
    const shared = { ...whole(), shareWith: ['222233334444'] };
    expect((await checkAccount(shared, base)).findings.join()).toMatch(/Disks in eu-central-1 .*kmsKey/);
    const own = await checkAccount({ ...shared, kmsKey: 'alias/bakery' }, base);
    expect(own.findings.join()).not.toContain('Disks in');
  } finally {
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
  }
});

it('names slots of no environment in the files, and who is in them', async () => {
  const rig = await elbRig();
  const frontend = await rig.frontend();
  const { instance } = await rig.instance();
  await rig.balancer.attach(frontend, instance, { path: '/health' }, 1, freeCall());
  const named = (stray: string[]) => stray.filter((one) => one.startsWith(frontend.slot));
  expect(named(await straySlots(elbSettings(), []))).toEqual([
    expect.stringContaining(`with ${instance.id} in it`),
  ]);
  expect(named(await straySlots(elbSettings(), [frontend]))).toEqual([]);
  await rig.close();
});

it('without credentials says so and asks no more', async () => {
  await rigSays('faults', [{ action: 'sts:GetCallerIdentity', times: 9, code: 'ExpiredToken', status: 403 }]);
  const { who, findings } = await checkAccount(whole(), base);
  expect([who, findings]).toEqual(['', [expect.stringContaining('no longer good')]]);
});

it('tells what a load balancer lacks: its zones, and ports that are somebody else’s', async () => {
  const client = new ElasticLoadBalancingV2Client({ region: account().region });
  const { LoadBalancers } = await client.send(
    new DescribeLoadBalancersCommand({ Names: [account().loadBalancer] }),
  );
  const [free, taken] = [await newFrontend(), await newFrontend()];
  await client.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Port: taken.port, Protocol: 'HTTP' },
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
  );
  expect(await checkLoadBalancer(elbSettings(), [free], ['eu-central-1a', 'eu-central-1b'])).toEqual([]);
  expect(await checkLoadBalancer(elbSettings(), [free, taken], ['eu-central-1c'])).toEqual([
    expect.stringContaining('does not serve the zone eu-central-1c'),
    expect.stringContaining(`Port ${taken.port} has a listener of somebody else`),
  ]);
  expect(await checkLoadBalancer(elbSettings({ loadBalancer: 'none' }), [], [])).toEqual([
    expect.stringContaining('has no load balancer none'),
  ]);
});
