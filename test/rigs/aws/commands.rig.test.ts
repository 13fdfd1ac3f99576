import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import { services, start } from '../../support/bakery-services.ts';
import { type Database, openDatabase } from '../../support/database.ts';
import { persist } from '../../support/persist.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { account, rigSays, settings } from './account.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const owner = `owner-${randomBytes(4).toString('hex')}`;
const mark = (over: Partial<Mark> = {}): Mark => ({
  ...{ owner, service: 'hello', version: 1, environment: 'dev' },
  ...{ effect: `migrate.${randomBytes(4).toString('hex')}`, generation: 1, epoch: 0, ...over },
});

const folder = mkdtempSync(join(tmpdir(), 'bakery-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let image: Image;
let database: Database;
const worker = (): Provider => awsProvider('aws', settings());
const order = (over: Partial<Mark> = {}): LaunchOrder => ({
  image,
  spec: {
    ...{ start: start.migrates, once: true, grace: 500, settings: {} },
    health: { path: '/', within: 60_000 },
  },
  environment: { DATABASE: database.url, BAKERY_ENVIRONMENT: 'dev', PASSWORD: 'none' },
  mark: mark(over),
});

/** Each look by another worker, that shares nothing with the one before. */
const launched = (made: LaunchOrder): Promise<Instance> => persist(() => worker().launch(made, freeCall()));
const begun = (made: LaunchOrder): Promise<unknown> =>
  Promise.all([
    launched(made).catch((error: unknown) => error),
    expect.poll(() => database.runs.length, { timeout: 60_000 }).toBeGreaterThan(0),
  ]).then(([outcome]) => outcome);
const listed = async () => (await worker().list(owner, freeCall())).filter(({ what }) => what !== 'image');
const machines = async (): Promise<string[]> =>
  (await listed()).filter(({ what }) => what === 'instance').map(({ id }) => id);
const states = async (InstanceIds: string[]): Promise<(string | undefined)[]> => {
  const ec2 = new EC2Client({ region: account().region });
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
};
const objects = async (): Promise<string[]> => {
  const { region, bucket } = account();
  const asked = new ListObjectsV2Command({ Bucket: bucket, Prefix: `${owner}/commands/` });
  const { Contents = [] } = await new S3Client({ region, forcePathStyle: true }).send(asked);
  return Contents.map(({ Key = '' }) => Key);
};

beforeAll(async () => {
  const bake = {
    ...(await tarOf(folder, { ...services, 'content.txt': 'commands' })),
    recipe: { base: account().base, packages: [], start: start.serves },
    ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark({ effect: 'bake' }) },
  };
  image = await persist(() => worker().bake(bake, freeCall()));
});
afterAll(() => persist(() => worker().removeImage(image.id, freeCall())));
beforeEach(async () => {
  database = await openDatabase(`${account().network}.255.254`);
});
afterEach(async () => {
  await rigSays('faults', []);
  await rigSays('lag', { ms: 0 });
  // As the core takes down what a stage made, until nothing of it is listed.
  for (let found = await listed(); found.length > 0; found = await listed())
    for (const { id } of found) await settle(() => worker().terminate(id, 500, freeCall()));
  expect(await objects()).toEqual([]);
});

it('a command whose start nobody heard of runs once, and is found by any worker', async () => {
  await rigSays('faults', [{ action: 'ec2:RunInstances', times: 1, after: true }]);
  const made = order();
  const { id } = await launched(made);
  expect([database.runs, await machines()]).toEqual([['dev'], [id]]);
  expect(await worker().launch(made, freeCall())).toMatchObject({ ready: true, value: { id } });
  expect(database.runs).toHaveLength(1);
});

it('a command that two machines were made for runs on one of them', async () => {
  const made = order();
  // The first try finds no room in one zone and takes the next; EC2 does not show yet that it did, and has room again.
  await rigSays('lag', { ms: 20_000 });
  const full = { action: 'ec2:RunInstances', times: 4, code: 'InsufficientInstanceCapacity', status: 500 };
  await rigSays('faults', [full]);
  await worker().launch(made, freeCall());
  await worker().launch(made, freeCall());
  await rigSays('lag', { ms: 0 });
  const both = await machines();
  expect(both).toHaveLength(2);
  // Both boot and switch themselves off, and nobody looks at them meanwhile.
  await expect.poll(() => states(both), { timeout: 90_000 }).toEqual(['stopped', 'stopped']);
  expect(database.runs).toEqual(['dev']);
  await launched(made);
  expect(database.runs).toEqual(['dev']);
});

it('a machine that dies in the middle of its command is no success: nobody knows how far it got', async () => {
  database.holds.add('dev');
  const made = order();
  const ends = launched(made).catch((error: unknown) => error);
  await expect.poll(() => database.runs.length, { timeout: 60_000 }).toBe(1);
  const [id = ''] = await machines();
  const told = () =>
    worker().logs({ ...{ provider: 'aws', address: '' }, id, effect: '', generation: 1 }, 9, freeCall());
  await expect.poll(told, { timeout: 20_000 }).toEqual(['connecting with none']);
  await rigSays('vanish', { id, reason: 'Server.SpotInstanceTermination' });
  expect(await ends).toMatchObject({
    fault: 'exited',
    message: expect.stringContaining('Nobody knows how far it got'),
    lines: ['connecting with none'],
  });
  // Not run again by itself, by whomever.
  await expect(launched(made)).rejects.toMatchObject({ fault: 'exited' });
  expect(database.runs).toEqual(['dev']);
});

it('a machine that may not tell that it begins begins nothing, and that is said', async () => {
  await rigSays('faults', [{ action: 's3:PUT', times: 999, code: 'AccessDenied', status: 403 }]);
  await expect(launched(order())).rejects.toMatchObject({
    fault: 'exited',
    message: expect.stringMatching(/before it began the command\. No database was changed/),
    lines: [expect.stringContaining('could not be asked: HTTP Error 403')],
  });
  expect(database.runs).toEqual([]);
});

it('a command whose settings the machine cannot put in place is not begun, and says why', async () => {
  const made = order();
  const spec = { ...made.spec, settings: { KEY: { secret: 'aws-ssm:/hello/not-there' } } };
  await expect(launched({ ...made, spec })).rejects.toMatchObject({
    fault: 'bad settings',
    message: expect.stringContaining('No database was changed'),
  });
  expect(database.runs).toEqual([]);
});

it('a retry waits until the machine of the try before is gone: a command runs once at a time', async () => {
  database.holds.add('dev');
  const first = order();
  await begun({ ...first, spec: { ...first.spec, health: { path: '/', within: 1_000 } } });
  const [id] = await machines();
  const second = { ...first, mark: { ...first.mark, generation: 2 } };
  const again = launched(second);
  await expect
    .poll(async () => (await machines()).filter((one) => one !== id).length, { timeout: 60_000 })
    .toBe(1);
  expect(await machines()).not.toContain(id);
  database.release();
  expect((await again).generation).toBe(2);
  expect(database.runs).toEqual(['dev', 'dev']);
});
