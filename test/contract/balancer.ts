import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balancer, Member, SlotTraffic } from '../../src/pipeline/balancer.ts';
import type { Instance } from '../../src/pipeline/domain/instance.ts';
import type { Frontend } from '../../src/pipeline/domain/task.ts';
import { calmCall } from '../support/call.ts';
import { until } from '../support/until.ts';

/** A balancer with what is needed to drive it. */
export interface BalancerRig {
  balancer: Balancer;
  /** A slot that nobody has used. */
  frontend(): Promise<Frontend>;
  /** A running instance that answers requests; its health can be turned off and on. */
  instance(): Promise<RigInstance>;
  /** One request through the front door; who answered, or undefined when nobody did. */
  send(frontend: Frontend): Promise<string | undefined>;
  /** One request that an instance has got and does not answer until it is told to. */
  begin(frontend: Frontend): Promise<{ instance: string; finish(): Promise<void> }>;
  /** Runs lines of bash where the balancer can be reached; throws when they fail. */
  runScript?(lines: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export interface RigInstance {
  instance: Instance;
  become(health: 'healthy' | 'unhealthy'): void;
}

const health = { path: '/health' };
const far = Number.MAX_SAFE_INTEGER;

const scriptTitle = 'its script gives all traffic to an instance without Bakery, and fences older epochs';

/**
 * What every balancer promises. `make` is called once. `noScript` is why a script cannot reach it; `gaps` are titles of
 * promises that it cannot keep, each with the reason.
 */
export function balancerContract(
  name: string,
  make: () => Promise<BalancerRig>,
  noScript?: string,
  gaps: Record<string, string> = {},
): void {
  describe(`balancer contract: ${name}`, () => {
    let rig: BalancerRig;
    let balancer: Balancer;
    const call = calmCall();
    const promised: string[] = [];
    const promise = (title: string, proof: () => Promise<void>): void => {
      promised.push(title);
      const gap = gaps[title];
      if (gap === undefined) test(title, proof);
      else test(`gap (${gap}): ${title}`, () => expect(gaps).toHaveProperty([title]));
    };

    beforeAll(async () => {
      rig = await make();
      balancer = rig.balancer;
    });
    afterAll(() => rig.close());

    const member = async (frontend: Frontend, id: string): Promise<Member | undefined> =>
      (await balancer.members(frontend, call)).members.find((one) => one.instance === id);

    const becomes = (frontend: Frontend, id: string, wanted: Member['health']): Promise<true> =>
      until(`${id} is ${wanted}`, async () => (await member(frontend, id))?.health === wanted);

    /** A slot with healthy members, the first of them at weight 100. */
    async function serving(
      count: number,
    ): Promise<{ frontend: Frontend; members: RigInstance[]; ids: string[] }> {
      const frontend = await rig.frontend();
      const members = await Promise.all(Array.from({ length: count }, () => rig.instance()));
      const ids = members.map((one) => one.instance.id);
      for (const one of members) await balancer.attach(frontend, one.instance, health, 1, call);
      for (const id of ids) await becomes(frontend, id, 'healthy');
      await balancer.shift(frontend, { [ids[0] ?? '']: 100 }, 1, call);
      return { frontend, members, ids };
    }
    const weights = (traffic: SlotTraffic): number[] => traffic.members.map((one) => one.weight);

    promise('an unknown slot has no members and epoch 0', async () => {
      const frontend = await rig.frontend();
      expect(await balancer.members(frontend, call)).toEqual({ frontend, epoch: 0, members: [] });
    });

    promise('an attached member has weight 0 and becomes healthy by the balancer’s own checks', async () => {
      const frontend = await rig.frontend();
      const { instance } = await rig.instance();
      await balancer.attach(frontend, instance, health, 3, call);
      await becomes(frontend, instance.id, 'healthy');
      const traffic = await balancer.members(frontend, call);
      expect(traffic.epoch).toBe(3);
      expect(traffic.members).toMatchObject([
        { instance: instance.id, address: instance.address, weight: 0, draining: false },
      ]);
    });

    promise('expecting members changes nothing of those who are there, and they come as ever', async () => {
      const { frontend, ids } = await serving(1);
      const before = await balancer.members(frontend, call);
      const come = [await rig.instance(), await rig.instance(), await rig.instance()];
      const { path } = health;
      for (const { instance } of come)
        await balancer.expect?.(frontend, { key: instance.id, path }, far, call);
      for (const { instance } of come.slice(0, 2)) {
        const expected = { key: instance.id, address: instance.address, path };
        for (const _ of ['once', 'twice']) await balancer.expect?.(frontend, expected, far, call);
      }
      const last = come[2]?.instance.id ?? '';
      await balancer.expect?.(frontend, { key: last, path }, 0, call);
      expect((await balancer.members(frontend, call)).members).toMatchObject([
        { instance: ids[0], weight: 100 },
      ]);
      expect((await balancer.members(frontend, call)).epoch).toBe(before.epoch);
      for (const { instance } of come) await balancer.attach(frontend, instance, health, 1, call);
      for (const { instance } of come) await becomes(frontend, instance.id, 'healthy');
      expect(weights(await balancer.members(frontend, call))).toEqual([100, 0, 0, 0]);
      expect(await rig.send(frontend)).toBe(ids[0]);
    });

    promise('attaching twice leaves one member with the weight it had', async () => {
      const { frontend, members } = await serving(1);
      for (const { instance } of members) await balancer.attach(frontend, instance, health, 1, call);
      expect(weights(await balancer.members(frontend, call))).toEqual([100]);
    });

    promise('requests go to members by their weights', async () => {
      const { frontend, ids } = await serving(2);
      await balancer.shift(frontend, { [ids[0] ?? '']: 75, [ids[1] ?? '']: 25 }, 1, call);
      const answers: (string | undefined)[] = [];
      for (let i = 0; i < 20; i += 1) answers.push(await rig.send(frontend));
      expect(ids.map((id) => answers.filter((answer) => answer === id).length)).toEqual([15, 5]);
    });

    promise('a shift sets all weights in one step, those not named to 0', async () => {
      const { frontend, ids } = await serving(3);
      const traffic = await balancer.shift(frontend, { [ids[1] ?? '']: 60, [ids[2] ?? '']: 40 }, 2, call);
      expect(weights(traffic)).toEqual([0, 60, 40]);
      expect(weights(await balancer.members(frontend, call))).toEqual([0, 60, 40]);
    });

    promise('a shift that leaves no healthy weighted member is refused and changes nothing', async () => {
      const { frontend, members, ids } = await serving(2);
      members[1]?.become('unhealthy');
      await becomes(frontend, ids[1] ?? '', 'unhealthy');
      await expect(balancer.shift(frontend, { [ids[1] ?? '']: 100 }, 1, call)).rejects.toMatchObject({
        fault: 'unhealthy',
      });
      await expect(balancer.shift(frontend, {}, 1, call)).rejects.toMatchObject({ fault: 'unhealthy' });
      expect(weights(await balancer.members(frontend, call))).toEqual([100, 0]);
    });

    promise('a change with an older epoch is fenced and changes nothing', async () => {
      const { frontend, members, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      await balancer.shift(frontend, { [first]: 100 }, 5, call);
      const before = await balancer.members(frontend, call);
      const refused = { fault: 'fenced' };
      const stranger = (await rig.instance()).instance;
      await expect(balancer.attach(frontend, stranger, health, 4, call)).rejects.toMatchObject(refused);
      await expect(balancer.shift(frontend, { [second]: 1 }, 4, call)).rejects.toMatchObject(refused);
      await expect(balancer.drain(frontend, second, far, 4, call)).rejects.toMatchObject(refused);
      await expect(balancer.detach(frontend, second, 4, call)).rejects.toMatchObject(refused);
      expect(members).toHaveLength(2);
      expect(await balancer.members(frontend, call)).toEqual(before);
    });

    promise('a draining member gets no new request and is ready when none is in flight', async () => {
      const { frontend, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      const held = await rig.begin(frontend);
      expect(held.instance).toBe(first);
      await balancer.shift(frontend, { [first]: 50, [second]: 50 }, 1, call);
      expect(await balancer.drain(frontend, first, far, 1, call)).toMatchObject({ ready: false });
      for (let i = 0; i < 6; i += 1) expect(await rig.send(frontend)).toBe(second);
      expect(await member(frontend, first)).toMatchObject({ draining: true, inFlight: 1 });
      await held.finish();
      await until('drained', async () => (await balancer.drain(frontend, first, far, 1, call)).ready);
    });

    promise('draining is over at its deadline whatever is in flight', async () => {
      const { frontend, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      const held = await rig.begin(frontend);
      await balancer.shift(frontend, { [second]: 100 }, 1, call);
      expect(await balancer.drain(frontend, first, 0, 1, call)).toMatchObject({ ready: true });
      await held.finish();
    });

    promise('a drained member that gets weight again drains no more', async () => {
      const { frontend, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      await balancer.shift(frontend, { [second]: 100 }, 1, call);
      await balancer.drain(frontend, first, far, 1, call);
      await balancer.shift(frontend, { [first]: 100 }, 1, call);
      expect(await member(frontend, first)).toMatchObject({ draining: false, weight: 100 });
      expect(await rig.send(frontend)).toBe(first);
    });

    promise('a detached member is gone, and detaching or draining it again is fine', async () => {
      const { frontend, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      await balancer.detach(frontend, second, 1, call);
      await balancer.detach(frontend, second, 1, call);
      expect(await balancer.drain(frontend, second, far, 1, call)).toMatchObject({ ready: true });
      expect((await balancer.members(frontend, call)).members.map((one) => one.instance)).toEqual([first]);
    });

    promise('the last healthy weighted member is not detached until it was drained', async () => {
      const { frontend, ids } = await serving(2);
      const [first = ''] = ids;
      await expect(balancer.detach(frontend, first, 1, call)).rejects.toMatchObject({ fault: 'unhealthy' });
      expect(await rig.send(frontend)).toBe(first);
      await balancer.drain(frontend, first, far, 1, call);
      await balancer.detach(frontend, first, 1, call);
      expect((await balancer.members(frontend, call)).members.map((one) => one.instance)).toEqual([ids[1]]);
    });

    promise('an unhealthy member gets no traffic until it is healthy again', async () => {
      const { frontend, members, ids } = await serving(2);
      const [first = '', second = ''] = ids;
      await balancer.shift(frontend, { [first]: 50, [second]: 50 }, 1, call);
      members[0]?.become('unhealthy');
      await becomes(frontend, first, 'unhealthy');
      for (let i = 0; i < 6; i += 1) expect(await rig.send(frontend)).toBe(second);
      members[0]?.become('healthy');
      await becomes(frontend, first, 'healthy');
      const answers = new Set([await rig.send(frontend), await rig.send(frontend)]);
      expect([...answers].sort()).toEqual([...ids].sort());
    });

    promise('when every weighted member is unhealthy an attached healthy one serves', async () => {
      const { frontend, members, ids } = await serving(2);
      members[0]?.become('unhealthy');
      await becomes(frontend, ids[0] ?? '', 'unhealthy');
      expect(await rig.send(frontend)).toBe(ids[1]);
    });

    promise('answered requests are counted per member', async () => {
      const { frontend, ids } = await serving(2);
      for (let i = 0; i < 5; i += 1) await rig.send(frontend);
      expect(await member(frontend, ids[0] ?? '')).toMatchObject({ requests: 5, failed: 0, inFlight: 0 });
      expect(await member(frontend, ids[1] ?? '')).toMatchObject({ requests: 0 });
    });

    test(noScript === undefined ? scriptTitle : `gap (${noScript}): ${scriptTitle}`, async () => {
      if (noScript !== undefined) return;
      const { frontend, ids } = await serving(1);
      const { instance } = await rig.instance();
      const order = { frontend, health: { ...health, within: 10_000 }, epoch: 7 };
      const given = [`instances=('${instance.id}')`, `addresses=('${instance.address}')`];
      await rig.runScript?.([...given, ...balancer.shiftScript(order)]);
      const { epoch, members } = await balancer.members(frontend, call);
      expect([epoch, ...members.map((one) => [one.instance, one.weight])]).toEqual([
        7,
        [ids[0], 0],
        [instance.id, 100],
      ]);
      expect(await rig.send(frontend)).toBe(instance.id);
      await expect(balancer.shift(frontend, { [ids[0] ?? '']: 100 }, 6, call)).rejects.toMatchObject({
        fault: 'fenced',
      });
      // Bakery goes on from there under the same epoch.
      await balancer.shift(frontend, { [ids[0] ?? '']: 100 }, 7, call);
      expect(await rig.send(frontend)).toBe(ids[0]);
    });

    promise('one slot knows nothing of another', async () => {
      const one = await serving(1);
      const other = await serving(1);
      expect((await balancer.members(one.frontend, call)).members.map((m) => m.instance)).toEqual(one.ids);
      expect(await rig.send(other.frontend)).toBe(other.ids[0]);
    });

    test('every declared gap names a promise', () => {
      for (const gap of Object.keys(gaps)) expect(promised).toContain(gap);
    });
  });
}
