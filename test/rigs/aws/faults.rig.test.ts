import { randomBytes } from 'node:crypto';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import { services, start } from '../../support/bakery-services.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { account, rigSays, settings } from './account.ts';
import { inTrouble } from './trouble.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const owner = `owner-${randomBytes(4).toString('hex')}`;
const mark = (): Mark => ({
  ...{ owner, service: 'hello', version: 1, environment: 'staging' },
  ...{ effect: `effect-${randomBytes(4).toString('hex')}`, generation: 1, epoch: 0 },
});

let provider: Provider;
let image: Image;
const launchOrder = (): LaunchOrder => ({
  image,
  spec: { start: start.serves, health: { path: '/healthz', within: 20_000 }, grace: 500, settings: {} },
  ...{ environment: {}, mark: mark() },
});
const launched = (order: LaunchOrder): Promise<Instance> => persist(() => provider.launch(order, freeCall()));
const instances = async () =>
  (await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance').map(({ id }) => id);

beforeAll(() => {
  provider = awsProvider('aws', settings());
});
afterEach(async () => {
  await inTrouble();
  for (const id of await instances()) await persist(() => provider.terminate(id, 500, freeCall()));
  expect(await instances()).toEqual([]);
});

describe('a bake', () => {
  it('whose answers were lost and whose calls were slowed down leaves one image and no builder', async () => {
    const order = {
      ...(await tarOf(tempFolder(), { ...services, 'content.txt': 'faults' })),
      recipe: { base: account().base, packages: [], start: start.serves },
      ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark() },
    };
    await inTrouble(
      { action: 'ec2:RunInstances', times: 1, after: true },
      { action: 'ec2:CreateImage', times: 1, after: true },
      { action: 'ec2:DescribeImages', times: 2, code: 'RequestLimitExceeded', status: 503 },
    );
    image = await persist(() => provider.bake(order, freeCall()));
    const listed = await provider.list(owner, freeCall());
    expect(listed.map(({ what, id }) => [what, id])).toEqual([['image', image.id]]);
  });
});

describe('a launch', () => {
  it('whose answer was lost is taken up again, and runs once', async () => {
    await inTrouble({ action: 'ec2:RunInstances', times: 1, after: true });
    const { id } = await launched(launchOrder());
    expect(await instances()).toEqual([id]);
  });

  it('without room in one zone takes the next', async () => {
    // A 500 of EC2, so the SDK asks four times before it believes it.
    await inTrouble({
      action: 'ec2:RunInstances',
      times: 4,
      code: 'InsufficientInstanceCapacity',
      status: 500,
    });
    const lines: string[] = [];
    const order = launchOrder();
    const call = () => ({ ...freeCall(), log: (line: string) => void lines.push(line) });
    const { id } = await persist(() => provider.launch(order, call()));
    expect(await instances()).toEqual([id]);
    expect(lines.join('\n')).toContain(`took t3.small in ${account().subnets[1]}`);
  });

  it('of a type that has room in no zone takes the next type', async () => {
    const refused = { code: 'InsufficientInstanceCapacity', status: 500 };
    const action = 'ec2:RunInstances';
    await inTrouble({ action, times: 99, ...refused, with: [['InstanceType', 't3.small']] });
    const { id } = await launched(launchOrder());
    const { Reservations } = await new EC2Client({ region: account().region }).send(
      new DescribeInstancesCommand({ InstanceIds: [id] }),
    );
    const made = Reservations?.[0]?.Instances?.[0];
    // Of a spot machine EC2 tells its lifecycle; Bakery asks for none, since EC2 may take it away at any time.
    expect([made?.InstanceType, made?.InstanceLifecycle]).toEqual(['t3a.small', undefined]);
  });

  it('that meets a quota or a session that ran out says so, and leaves nothing', async () => {
    for (const [code, fault, says] of [
      ['VcpuLimitExceeded', 'quota', 'Service Quotas'],
      ['ExpiredToken', 'denied', 'no longer good'],
    ] as const) {
      await inTrouble({ action: 'ec2:RunInstances', times: 9, code });
      await expect(provider.launch(launchOrder(), freeCall())).rejects.toMatchObject({
        fault,
        message: expect.stringContaining(says),
      });
      expect(await instances()).toEqual([]);
    }
  });

  it('that has room nowhere is the fault busy, and leaves nothing', async () => {
    await inTrouble({
      action: 'ec2:RunInstances',
      times: 99,
      code: 'InsufficientInstanceCapacity',
      status: 500,
    });
    await expect(provider.launch(launchOrder(), freeCall())).rejects.toMatchObject({ fault: 'busy' });
    expect(await instances()).toEqual([]);
  });

  it('that the account may not make is denied, and the sentence names the permission', async () => {
    await inTrouble({ action: 'ec2:RunInstances', times: 9, code: 'UnauthorizedOperation', status: 403 });
    await expect(provider.launch(launchOrder(), freeCall())).rejects.toMatchObject({
      fault: 'denied',
      message: expect.stringContaining('ec2:RunInstances'),
    });
    expect(await instances()).toEqual([]);
  });

  it('whose status checks fail is not ready though its service is well, and is once they pass', async () => {
    await rigSays('check', { word: 'impaired' });
    const order = launchOrder();
    const said = async () => {
      const reply = await provider.launch(order, freeCall());
      return reply.ready ? 'ready' : reply.note;
    };
    // It is asked for only once the service itself answers.
    await expect.poll(said, { timeout: 40_000, interval: 500 }).toContain('status checks say impaired');
    await rigSays('check', {});
    const { id } = await launched(order);
    expect(await instances()).toEqual([id]);
  });

  it('that EC2 does not know of yet is waited for, and made once', async () => {
    await rigSays('lag', { ms: 4_000 });
    const { id } = await launched(launchOrder());
    await rigSays('lag', { ms: 0 });
    expect(await instances()).toEqual([id]);
  });
});

describe('an instance', () => {
  it('that was terminated behind our back is seen as gone', async () => {
    const made = await launched(launchOrder());
    await rigSays('vanish', { id: made.id, reason: 'Server.SpotInstanceTermination' });
    await expect
      .poll(() => provider.inspect(made, { path: '/healthz' }, freeCall()), { timeout: 20_000 })
      .toMatchObject({ state: 'gone' });
  });
});

describe('an image', () => {
  it('that a launch template starts is not removed, whatever version of it', async () => {
    const ec2 = new EC2Client({ region: account().region });
    const LaunchTemplateName = `template-${randomBytes(4).toString('hex')}`;
    const versions = [image.id, account().base];
    await ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: { ImageId: versions[0] } }),
    );
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName,
        LaunchTemplateData: { ImageId: versions[1] },
      }),
    );
    await expect(provider.removeImage(image.id, freeCall())).rejects.toMatchObject({
      fault: 'busy',
      message: expect.stringContaining(`${LaunchTemplateName}, version 1`),
    });
    expect(await provider.inspectImage(image, freeCall())).toEqual({ state: 'present' });
    await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName }));
    await persist(() => provider.removeImage(image.id, freeCall()));
    expect(await provider.inspectImage(image, freeCall())).toMatchObject({ state: 'gone' });
  });
});
