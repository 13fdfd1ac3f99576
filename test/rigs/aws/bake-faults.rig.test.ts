import { randomBytes } from 'node:crypto';
import {
  DeregisterImageCommand,
  DescribeImagesCommand,
  EC2Client,
  RegisterImageCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { resolveBase } from '../../../src/providers/aws/base.ts';
import { Cloud } from '../../../src/providers/aws/cloud.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import { services, start } from '../../support/bakery-services.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { account, rigSays, settings } from './account.ts';
import { inTrouble } from './trouble.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });

const { base, region } = account();
const owner = `owner-${randomBytes(4).toString('hex')}`;
const provider = awsProvider('aws', settings());
const ec2 = new EC2Client({ region });
const cloud = new Cloud(settings());
const orderOf = async (version: number, from = base): Promise<BakeOrder> => ({
  ...(await tarOf(tempFolder(), { ...services, 'content.txt': `${owner} ${version}` })),
  recipe: { base: from, packages: [], start: start.serves },
  ...{ files: new Map(), sha: 'a'.repeat(40) },
  mark: {
    ...{ owner, service: 'hello', version, environment: 'staging' },
    ...{ effect: `bake.hello.v${version}`, generation: 1, epoch: 0 },
  },
});
const registered = async (Name: string): Promise<{ id: string; made: string }> => {
  const { ImageId: id = '' } = await ec2.send(
    new RegisterImageCommand({ Name, RootDeviceName: '/dev/xvda' }),
  );
  const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
  return { id, made: Images?.[0]?.CreationDate ?? '' };
};
const deregister = (ImageId: string) => ec2.send(new DeregisterImageCommand({ ImageId }));
const listed = async () => (await provider.list(owner, freeCall())).map(({ what, id }) => [what, id]);

/** Goes on with a bake until EC2 makes its AMI, and gives its id. */
async function untilPending(order: BakeOrder): Promise<string> {
  const { id } = await persist(async () => {
    const reply = await provider.bake(order, freeCall());
    if (reply.ready) return { ready: true, value: { id: 'it was ready' } };
    const made = /EC2 makes the image (ami-\w+)/.exec(reply.note ?? '')?.[1];
    return made === undefined ? reply : { ready: true, value: { id: made } };
  });
  return id;
}

afterEach(() => inTrouble());
afterAll(async () => {
  for (const [, id = ''] of await listed()) await persist(() => provider.removeImage(id, freeCall()));
  expect(await listed()).toEqual([]);
});

describe('the base of a recipe', () => {
  it('is an AMI by its id, by a parameter of SSM, or the newest of an owner by its name', async () => {
    const parameter = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
    const { id } = await resolveBase(cloud, `ssm:${parameter}`, freeCall());
    expect(id).toMatch(/^ami-[0-9a-f]{8,17}$/);
    expect((await resolveBase(cloud, id, freeCall())).id).toBe(id);
    const name = `named-${randomBytes(4).toString('hex')}`;
    const older = await registered(`${name}-1`);
    let newer = await registered(`${name}-2`);
    // moto tells whole seconds: one of a later second is the newer one.
    await expect
      .poll(async () => {
        if (newer.made > older.made) return true;
        await deregister(newer.id);
        newer = await registered(`${name}-2`);
        return false;
      })
      .toBe(true);
    expect((await resolveBase(cloud, `self/${name}-*`, freeCall())).id).toBe(newer.id);
    expect((await resolveBase(cloud, `self/${name}-1`, freeCall())).id).toBe(older.id);
    for (const { id } of [older, newer]) await deregister(id);
  });

  it('that is not there, or is none that AWS knows, is said before anything is made', async () => {
    for (const [from, fault] of [
      ['self/none-*', 'unknown image'],
      ['ssm:/none', 'unknown image'],
      ['ami-0123456789abcdef0', 'unknown image'],
      ['debian', 'denied'],
    ] as const)
      await expect(provider.bake(await orderOf(1, from), freeCall()), from).rejects.toMatchObject({ fault });
    expect(await listed()).toEqual([]);
  });
});

describe('a bake', () => {
  it('keeps to the AMI that its base meant when it began, and its image says which', async () => {
    const order = await orderOf(1, 'self/debian-12-rig*');
    expect((await provider.bake(order, freeCall())).ready).toBe(false);
    const newer = await registered('debian-12-rig-newer');
    expect((await resolveBase(cloud, order.recipe.base, freeCall())).id).toBe(newer.id);
    const { id } = await persist(() => provider.bake(order, freeCall()));
    await deregister(newer.id);
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
    expect(Images?.[0]?.Tags).toContainEqual({ Key: 'bakery:base', Value: base });
    expect(await listed()).toEqual([['image', id]]);
    await persist(() => provider.removeImage(id, freeCall()));
  });

  it('whose AMI stays pending is looked at and left again, and one that fails leaves nothing', async () => {
    const order = await orderOf(2);
    await rigSays('nextImage', { state: 'pending' });
    const pending = await untilPending(order);
    // The rig's other images are ready long before.
    for (const began = Date.now(); Date.now() - began < 3_000; )
      expect(await provider.bake(order, freeCall())).toMatchObject({
        ready: false,
        again: expect.any(Number),
        note: `EC2 makes the image ${pending}`,
      });
    await rigSays('image', { id: pending, state: 'failed' });
    await expect(provider.bake(order, freeCall())).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining(`could not make the image ${pending} (The snapshot failed.)`),
    });
    expect(await listed()).toEqual([]);
  });

  it('that meets a quota or a session that ran out says so, and leaves nothing', async () => {
    const order = await orderOf(3);
    for (const [code, fault, says] of [
      ['VcpuLimitExceeded', 'quota', 'Service Quotas'],
      ['ExpiredToken', 'denied', 'no longer good'],
    ] as const) {
      await inTrouble({ action: 'ec2:RunInstances', times: 9, code, status: 400 });
      await expect(provider.bake(order, freeCall())).rejects.toMatchObject({
        fault,
        message: expect.stringContaining(says),
      });
      expect(await listed()).toEqual([]);
    }
  });
});
