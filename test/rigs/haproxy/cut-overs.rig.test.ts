import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { closingFrom } from '../../../src/balancers/haproxy/websockets.ts';
import type { Instance } from '../../../src/pipeline/domain/instance.ts';
import { calmCall } from '../../support/call.ts';
import { rigServer } from '../../support/rig.ts';
import { until } from '../../support/until.ts';
import { haproxyRig } from './place.ts';

/** `BAKERY_TEST_LONG=1`: a thousand requests a second, with pauses between moves, and a hundred thousand in all. */
const long = process.env['BAKERY_TEST_LONG'] !== undefined;
const rate = Number(process.env['BAKERY_TEST_RATE'] ?? (long ? 1_000 : 600));
const moves = 100;
const leastRequests = long ? 100_000 : 20_000;
const sockets = 20;
/** Milliseconds that what is left gets to finish. */
const drainFor = long ? 20_000 : 6_000;

const call = calmCall();
const health = { path: '/health' };
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Seen {
  sent: number;
  slow: number;
  uploads: number;
  downloads: number;
  failures: string[];
  closed: { member: string; at: number }[];
  words: number;
  took: number;
}

interface Version {
  instance: Instance;
  process: ChildProcess;
}

const started: ChildProcess[] = [];
afterAll(() => {
  for (const process of started) process.kill('SIGKILL');
});

async function start(id: string): Promise<Version> {
  const child = spawn(process.execPath, [here('./service.mjs'), id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = await once(child.stdout, 'data');
  const address = `http://127.0.0.1:${String(line).trim()}`;
  return { process: child, instance: { provider: 'rig', id, address, effect: id, generation: 0 } };
}

test('a hundred cut-overs and rollbacks with reloads lose no request and close no WebSocket early', {
  timeout: 30 * 60_000,
}, async () => {
  const rig = await haproxyRig(30);
  const { balancer } = rig;
  const frontend = await rig.frontend();
  const drains = new Map<string, { since: number; deadline: number }>();
  const leaving: Promise<void>[] = [];
  let named = 0;
  let moved = 0;
  let load: ChildProcess | undefined;

  const admit = async ({ instance }: Version): Promise<void> => {
    await balancer.attach(frontend, instance, health, 1, call);
    await until(`${instance.id} is healthy`, async () => {
      const { members } = await balancer.members(frontend, call);
      return members.some((one) => one.instance === instance.id && one.health === 'healthy');
    });
  };
  /** All traffic, in two steps; every tenth time HAProxy is reloaded in the middle. */
  const move = async (from: Version, to: Version): Promise<void> => {
    moved += 1;
    const reloading = moved % 10 === 5 ? rigServer.reload() : undefined;
    await balancer.shift(frontend, { [from.instance.id]: 75, [to.instance.id]: 25 }, 1, call);
    await balancer.shift(frontend, { [to.instance.id]: 100 }, 1, call);
    await reloading;
    if (long) await new Promise((resolve) => setTimeout(resolve, 500));
  };
  const retire = async ({ instance, process }: Version): Promise<void> => {
    const since = Date.now();
    const deadline = since + drainFor;
    drains.set(instance.id, { since, deadline });
    await until(
      `${instance.id} is drained`,
      async () => (await balancer.drain(frontend, instance.id, deadline, 1, call)).ready,
      drainFor + 10_000,
    );
    await balancer.detach(frontend, instance.id, 1, call);
    const ended = once(process, 'exit');
    process.kill('SIGTERM');
    await ended;
  };
  const ask = async (what: 'look' | 'stop'): Promise<Seen> => {
    const answer = once(load as ChildProcess, 'message');
    load?.send(what);
    const [seen] = await answer;
    return seen as Seen;
  };

  let live = await start(`v${++named}`);
  await admit(live);
  await balancer.shift(frontend, { [live.instance.id]: 100 }, 1, call);
  load = fork(here('./load.mjs'), [frontend.port, rate, sockets].map(String));
  started.push(load);
  await until('the load runs', async () => (await ask('look')).sent > rate);

  while (moved < moves || (await ask('look')).sent < leastRequests) {
    const next = await start(`v${++named}`);
    await admit(next);
    await move(live, next);
    await move(next, live);
    await move(live, next);
    leaving.push(retire(live));
    live = next;
    // At most two that leave and two that serve.
    if (leaving.length > 1) await leaving.shift();
    const { failures } = await ask('look');
    if (failures.length > 0) break;
  }
  await Promise.all(leaving);
  const seen = await ask('stop');
  const { members } = await balancer.members(frontend, call);
  await rig.close();

  const perSecond = (seen.sent / seen.took) * 1_000;
  console.info(
    `${moved} cut-overs and rollbacks, ${seen.sent} requests at ${perSecond.toFixed(0)} a second (${seen.slow} of 2 s, ${seen.uploads} uploads and ${seen.downloads} downloads of 50 MB), ${seen.words} words over WebSockets of which ${seen.closed.length} were closed: ${seen.failures.length} failed`,
  );
  expect(seen.failures).toEqual([]);
  const early = seen.closed.filter(({ member, at }) => {
    const drain = drains.get(member);
    return drain === undefined || at < closingFrom(drain.since, drain.deadline);
  });
  expect(early).toEqual([]);
  expect(seen.closed.length).toBeGreaterThan(moves / 10);
  expect(perSecond).toBeGreaterThanOrEqual(200);
  expect(seen.sent).toBeGreaterThanOrEqual(leastRequests);
  expect(moved).toBeGreaterThanOrEqual(moves);
  expect(members.map(({ instance, weight }) => [instance, weight])).toEqual([[live.instance.id, 100]]);
});
