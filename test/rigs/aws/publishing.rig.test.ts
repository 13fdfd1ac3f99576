import { randomBytes } from 'node:crypto';
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { Cloud } from '../../../src/providers/aws/cloud.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import type { AwsSettings } from '../../../src/providers/aws/settings.ts';
import { services, start } from '../../support/bakery-services.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { account, rigSays, settings } from './account.ts';
import { inTrouble } from './trouble.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const away = 'us-east-1';
const other = '222233334444';
const role = `arn:aws:iam::${other}:role/bakery`;
const owner = `owner-${randomBytes(4).toString('hex')}`;
const mark = (more: Partial<Mark> = {}): Mark => ({
  ...{ owner, service: 'hello', version: 1, environment: 'staging' },
  ...{ effect: `effect-${randomBytes(4).toString('hex')}`, generation: 1, epoch: 0 },
  ...more,
});

/** A network like the rig's own, in another account or region, whose machines run in the rig's network too. */
async function elsewhere(over: Partial<AwsSettings>, index: number): Promise<Provider> {
  const { network, subnets: _, ...made } = account();
  const region = over.region ?? made.region;
  const { ec2 } = new Cloud({ ...settings(), ...over });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `${network}.0.0/16` }));
  const subnet = { VpcId: Vpc?.VpcId, CidrBlock: `${network}.${index}.0/24`, AvailabilityZone: `${region}a` };
  const { Subnet } = await ec2.send(new CreateSubnetCommand(subnet));
  const group = { GroupName: 'bakery', Description: 'bakery', VpcId: Vpc?.VpcId };
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(group));
  const { instances } = settings();
  const placed = { ...instances, subnets: [Subnet?.SubnetId ?? ''], securityGroups: [GroupId ?? ''] };
  return awsProvider('elsewhere', settings({ ...over, instances: placed, builders: placed }));
}

const launchOrder = (image: Image): LaunchOrder => ({
  image,
  spec: { start: start.serves, health: { path: '/healthz', within: 20_000 }, grace: 500, settings: {} },
  ...{ environment: {}, mark: mark() },
});
const launched = (provider: Provider): Promise<Instance> => {
  const order = launchOrder(published);
  return persist(() => provider.launch(order, freeCall()));
};
const health = { path: '/healthz' };

const publisher = awsProvider('aws', settings({ shareWith: [other], copyTo: [{ region: away }] }));
const home = new EC2Client({ region: account().region });
const far = new EC2Client({ region: away });
let image: Image;
let published: Image;
const publishing = mark({ effect: 'publish.hello.v1' });
const copyIds = async () => {
  const Filters = [{ Name: 'tag:bakery:owner', Values: [owner] }];
  const { Images = [] } = await far.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
  return Images.map(({ ImageId = '' }) => ImageId);
};
const allowed = async (ec2: EC2Client, ImageId: string) => {
  const asked = { ImageId, Attribute: 'launchPermission' as const };
  const { LaunchPermissions = [] } = await ec2.send(new DescribeImageAttributeCommand(asked));
  return LaunchPermissions.map(({ UserId }) => UserId);
};

const baked = async (version: number): Promise<Image> => {
  const order = {
    ...(await tarOf(tempFolder(), { ...services, 'content.txt': `published ${version}` })),
    recipe: { base: account().base, packages: [], start: start.serves },
    ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark({ effect: `bake.hello.v${version}`, version }) },
  };
  return persist(() => publisher.bake(order, freeCall()));
};

afterEach(() => inTrouble());
afterAll(async () => {
  for (const { id } of (await publisher.list(owner, freeCall())).filter(({ what }) => what === 'image'))
    await persist(() => publisher.removeImage(id, freeCall()));
  expect(await publisher.list(owner, freeCall())).toEqual([]);
});

describe('an image that is published', () => {
  it('is copied once and shared, though answers were lost, calls slowed down and two were at it', async () => {
    image = await baked(1);
    await inTrouble(
      { action: 'ec2:CopyImage', times: 1, after: true },
      { action: 'ec2:ModifyImageAttribute', times: 1, after: true },
      { action: 'ec2:CreateTags', times: 2, code: 'RequestLimitExceeded', status: 503 },
    );
    const another = awsProvider('aws', settings({ shareWith: [other], copyTo: [{ region: away }] }));
    const [copies, same] = await Promise.all(
      [publisher, another].map((one) => persist(() => one.publish(image, publishing, freeCall()))),
    );
    const [copy = ''] = await copyIds();
    expect([copies, same]).toEqual([[`${away}/${copy}`], [`${away}/${copy}`]]);
    expect(await copyIds()).toHaveLength(1);
    expect(await allowed(home, image.id)).toEqual([other]);
    expect(await allowed(far, copy)).toEqual([other]);
    published = { ...image, copies: copies ?? [] };
    const listed = await publisher.list(owner, freeCall());
    expect(listed.map(({ what, id }) => [what, id])).toEqual([
      ['image', image.id],
      ['image', `${away}/${copy}`],
    ]);
  });

  it('starts in the other region from its copy, which is not removed meanwhile', async () => {
    const provider = await elsewhere({ region: away }, 3);
    expect(await provider.inspectImage(published, freeCall())).toEqual({ state: 'present' });
    // As the reaper sees it there: by the name that the ledger knows.
    const seen = (await provider.list(owner, freeCall())).map(({ id }) => id);
    expect(seen).toEqual(published.copies);
    const made = await launched(provider);
    expect(await provider.inspect(made, health, freeCall())).toEqual({ state: 'running', healthy: true });
    await expect(publisher.removeImage(image.id, freeCall())).rejects.toMatchObject({ fault: 'busy' });
    expect(await publisher.inspectImage(image, freeCall())).toEqual({ state: 'present' });
    await persist(() => provider.terminate(made.id, 500, freeCall()));
  });

  it('starts in the other account, which sees it and none of its tags, by a role that is assumed', async () => {
    const provider = await elsewhere({ role }, 4);
    expect(await provider.inspectImage(published, freeCall())).toEqual({ state: 'present' });
    expect(await provider.list(owner, freeCall())).toEqual([]);
    const made = await launched(provider);
    expect(await provider.inspect(made, health, freeCall())).toEqual({ state: 'running', healthy: true });
    await persist(() => provider.terminate(made.id, 500, freeCall()));
  });

  it('is not there for an account that it is not shared with', async () => {
    const provider = await elsewhere({ role: 'arn:aws:iam::333344445555:role/bakery' }, 5);
    expect(await provider.inspectImage(published, freeCall())).toMatchObject({ state: 'gone' });
    await expect(provider.launch(launchOrder(published), freeCall())).rejects.toMatchObject({
      fault: 'unknown image',
    });
  });

  it('whose role cannot be assumed says which, and which permission is missing', async () => {
    await inTrouble({ action: 'sts:AssumeRole', times: 9, code: 'AccessDenied', status: 403 });
    const provider = awsProvider('elsewhere', settings({ role }));
    await expect(provider.list(owner, freeCall())).rejects.toMatchObject({
      fault: 'denied',
      message: expect.stringMatching(/role\/bakery could not be assumed.*sts:AssumeRole/),
    });
  });

  it('goes with its copies and the snapshots of all of them', async () => {
    await inTrouble({ action: 'ec2:DeregisterImage', times: 1, after: true });
    await persist(() => publisher.removeImage(image.id, freeCall()));
    expect(await copyIds()).toEqual([]);
    const Filters = [{ Name: 'tag:bakery:owner', Values: [owner] }];
    for (const ec2 of [home, far]) {
      const { Snapshots = [] } = await ec2.send(
        new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }),
      );
      expect(Snapshots).toEqual([]);
    }
    expect(await publisher.list(owner, freeCall())).toEqual([]);
    await expect(publisher.publish(image, publishing, freeCall())).rejects.toMatchObject({
      fault: 'unknown image',
    });
  });
});

describe('a copy', () => {
  it('that EC2 gives up is an error at once, is removed, and a retry makes another', async () => {
    const made = await baked(2);
    await rigSays('nextImage', { state: 'failed' });
    const second = mark({ effect: 'publish.hello.v2', version: 2 });
    await expect(persist(() => publisher.publish(made, second, freeCall()))).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining('to us-east-1 (The snapshot failed.)'),
    });
    expect(await copyIds()).toEqual([]);
    const copies = await persist(() => publisher.publish(made, { ...second, generation: 2 }, freeCall()));
    expect(copies).toEqual((await copyIds()).map((id) => `${away}/${id}`));
    // A copy that lost its image is found and can be removed by its own name.
    const alone = awsProvider('aws', settings());
    expect((await alone.list(owner, freeCall())).map(({ id }) => id)).toContain(copies[0]);
    await persist(() => alone.removeImage(copies[0] ?? '', freeCall()));
    expect(await copyIds()).toEqual([]);
  });
});
