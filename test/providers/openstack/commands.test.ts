import { expect, it } from 'vitest';
import type { LaunchOrder } from '../../../src/pipeline/provider.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { smallCloud } from './small-cloud.ts';

const order = (generation = 1): LaunchOrder => ({
  image: { provider: 'openstack', id: 'image', digest: '', manifest: '', size: 1, reused: false },
  spec: {
    start: ['migrate'],
    once: true,
    health: { path: '/', within: 600_000 },
    grace: 1_000,
    settings: {},
  },
  environment: {},
  mark: {
    ...{ owner: 'us', service: 'hello', version: 1, environment: 'dev' },
    ...{ effect: 'migrate.hello.dev.1', generation, epoch: 0 },
  },
});

/** A cloud, and one look at the command by a worker that shares nothing with the one before. */
const stand = (told = {}) => {
  const cloud = smallCloud(told);
  const launch = (generation = 1) => cloud.provider().launch(order(generation), freeCall());
  const starts = () => cloud.asked.filter((one) => one === 'POST /servers').length;
  const listed = () => cloud.provider().list('us', freeCall());
  return { ...cloud, launch, starts, listed };
};

it('a command is refused where no object store could tell how it ended, before anything is asked of Nova', async () => {
  const { launch, asked } = stand({ swift: false });
  await expect(launch()).rejects.toMatchObject({
    fault: 'denied',
    message: expect.stringMatching(
      /no object store \(Swift\).*Nothing was started and no database was changed/,
    ),
  });
  expect(asked).toEqual([]);
});

it('a command is at work once its server says so, and done once it says that, whoever looks', async () => {
  const { launch, starts, begins, ends, provider } = stand();
  expect(await launch()).toMatchObject({ ready: false });
  expect(await launch()).toMatchObject({ note: expect.stringContaining('has not begun') });
  begins('server-1');
  expect(await launch()).toMatchObject({ note: 'the command is at work' });
  ends('server-1');
  const done = await launch();
  expect(done).toMatchObject({ ready: true, value: { id: 'server-1', generation: 1 } });
  expect(await launch()).toEqual(done);
  expect(starts()).toBe(1);
  const [{ instance }] = [{ instance: done.ready ? done.value : undefined }];
  if (instance === undefined) throw new Error('it is not ready');
  expect(await provider().logs(instance, 5, freeCall())).toEqual(['milled']);
});

it('the word of a server counts, whatever became of it', async () => {
  const { launch, begins, ends, servers, starts } = stand();
  await launch();
  begins('server-1');
  ends('server-1', { result: 'exit-code', status: 3 });
  servers.clear();
  for (const _twice of [1, 2])
    await expect(launch()).rejects.toMatchObject({
      fault: 'exited',
      message: expect.stringContaining('exit code 3'),
    });
  expect(starts()).toBe(1);
});

it('a server that is off or gone after it began is no success, and nothing is run again', async () => {
  for (const lose of ['off', 'gone']) {
    const { launch, begins, tell, switchOff, servers, starts } = stand();
    await launch();
    begins('server-1');
    tell('server-1', 'output', ['milling']);
    if (lose === 'off') switchOff('server-1');
    else servers.clear();
    for (const _twice of [1, 2])
      await expect(launch()).rejects.toMatchObject({
        fault: 'exited',
        message: expect.stringContaining('Nobody knows how far it got'),
        lines: ['milling'],
      });
    expect(starts()).toBe(1);
  }
});

it('a server that is told to end in the middle tells no end, and that is said', async () => {
  const { launch, begins, provider } = stand();
  await launch();
  begins('server-1');
  await provider().terminate('server-1', 5_000, freeCall());
  await expect(launch()).rejects.toMatchObject({
    fault: 'exited',
    message: expect.stringContaining('Nobody knows how far it got'),
  });
});

it('a server that comes too late begins nothing, and that nothing was changed is said', async () => {
  const { launch, begins, world } = stand();
  await launch();
  world.now += 2 * 60_000 + 30_001;
  await expect(launch()).rejects.toMatchObject({
    fault: 'timeout',
    message: expect.stringContaining('No database was changed'),
  });
  expect(begins('server-1')).toBe(false);
});

it('a start whose answer was lost makes no second server', async () => {
  const { launch, troubles, servers, starts } = stand();
  troubles.lostStarts = 1;
  await expect(launch()).rejects.toMatchObject({ fault: 'unreachable' });
  await launch();
  expect([servers.size, starts()]).toEqual([1, 1]);
});

it('of two servers the one that began is kept, also when it is the newer', async () => {
  const { launch, troubles, servers, begins, ends, world } = stand();
  await launch();
  world.now += 5_000;
  // Nova does not show yet that it has one: looked for, looked for an earlier try, and for one that ended, twice.
  troubles.blindLooks = 4;
  await launch();
  expect([...servers.keys()]).toEqual(['server-1', 'server-2']);
  expect([begins('server-2'), begins('server-1')]).toEqual([true, false]);
  await launch();
  expect([...servers.keys()]).toEqual(['server-2']);
  ends('server-2');
  expect(await launch()).toMatchObject({ ready: true, value: { id: 'server-2' } });
});

it('a retry begins when the server of the try before is gone', async () => {
  const { launch, servers, begins, starts } = stand();
  await launch();
  begins('server-1');
  expect(await launch(2)).toMatchObject({ ready: false, note: expect.stringContaining('earlier try') });
  expect([[...servers.keys()], starts()]).toEqual([[], 1]);
  await launch(2);
  expect([...servers.keys()]).toEqual(['server-2']);
});

it('what was told is listed beside its server, and goes after it', async () => {
  const { launch, begins, listed, objects, provider } = stand();
  await launch();
  begins('server-1');
  const all = await listed();
  expect(all.map(({ what, mark }) => [what, mark])).toEqual([
    ['instance', order().mark],
    ['builder', order().mark],
  ]);
  const [server = '', report = ''] = all.map(({ id }) => id);
  expect(await provider().terminate(report, 0, freeCall())).toMatchObject({ note: 'its server is there' });
  expect(objects.size).toBe(1);
  for (const id of [server, report])
    await settle(
      () => provider().terminate(id, 0, freeCall()),
      () => {},
    );
  expect([await listed(), objects.size]).toEqual([[], 0]);
});
