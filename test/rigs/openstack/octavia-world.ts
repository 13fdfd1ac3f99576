import { octaviaBalancer } from '../../../src/balancers/octavia/index.ts';
import type { Balancer } from '../../../src/pipeline/balancer.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import type { BalancerRig } from '../../contract/balancer.ts';
import { freePort } from '../../support/free-port.ts';
import { runScript } from '../../support/run-script.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';
import { behind, FrontDoor } from './front-door.ts';
import { healthChecker } from './health-checker.ts';
import {
  type Database,
  database,
  makeLoadBalancer,
  type Octavia,
  octavia,
  removeLoadBalancer,
} from './octavia-api.ts';
import { cloudsFile } from './openstack-world.ts';

/** No test uses more at once. */
const mostPools = 2;

/** A load balancer with what stands for its amphora. */
async function openPlace(api: Octavia, sql: Database, name: string) {
  const id = await makeLoadBalancer(name);
  const balancer = octaviaBalancer({
    ...{ cloud: 'rig', cloudsFile: cloudsFile(), loadBalancer: id, host: '127.0.0.1' },
    ...{ check: { every: 1, timeout: 1, up: 1, down: 1 }, statistics: 200 },
  });
  return { id, balancer, stopChecks: healthChecker(api, sql, id, mostPools) };
}

/** Slots on one load balancer: each change takes Octavia longer the more is below it. */
const together = 4;

export async function octaviaRig() {
  const api = await octavia();
  const sql = database();
  const places: Awaited<ReturnType<typeof openPlace>>[] = [];
  const bySlot = new Map<string, Balancer>();
  const doors: FrontDoor[] = [];
  const members: WebMember[] = [];
  let named = 0;
  const of = ({ slot }: Frontend): Balancer => {
    const found = bySlot.get(slot);
    if (found === undefined) throw new Error(`the rig has no slot ${slot}`);
    return found;
  };
  const balancer: Balancer = {
    name: 'octavia',
    members: (...given) => of(given[0]).members(...given),
    attach: (...given) => of(given[0]).attach(...given),
    shift: (...given) => of(given[0]).shift(...given),
    drain: (...given) => of(given[0]).drain(...given),
    detach: (...given) => of(given[0]).detach(...given),
    frontDoor: (...given) => of(given[0]).frontDoor(...given),
    shiftScript: (order) => of(order.frontend).shiftScript(order),
  };
  const get = ({ port }: Frontend, path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  return {
    balancer,
    async frontend(): Promise<Frontend> {
      if (doors.length % together === 0) {
        await places.at(-1)?.stopChecks();
        places.push(await openPlace(api, sql, `bakery-${Date.now()}-${places.length}`));
      }
      const place = places.at(-1);
      if (place === undefined) throw new Error('there is no load balancer');
      const frontend = { slot: `slot${doors.length}.test`, port: await freePort() };
      const door = new FrontDoor(sql, () => behind(api, place.id, frontend.port));
      doors.push(door);
      await door.listen(frontend.port);
      bySlot.set(frontend.slot, place.balancer);
      return frontend;
    },
    async instance() {
      const one = await webMember(`instance-${++named}`);
      members.push(one);
      const become = (health: 'healthy' | 'unhealthy'): void => {
        one.healthy = health === 'healthy';
      };
      return { instance: one.instance, become };
    },
    async send(frontend: Frontend) {
      const answer = await get(frontend, '/');
      const text = await answer.text();
      return answer.ok ? text : undefined;
    },
    async begin(frontend: Frontend) {
      const answer = get(frontend, '/hold');
      const holder = await until('a member holds the request', () => members.find((one) => one.held() > 0));
      return {
        instance: holder.instance.id,
        async finish() {
          holder.release();
          await (await answer).text();
        },
      };
    },
    runScript,
    async close() {
      for (const one of places) await one.stopChecks();
      for (const one of doors) one.close();
      for (const one of members) await one.close();
      sql.close();
      for (const one of places) await removeLoadBalancer(one.id);
    },
  } satisfies BalancerRig & Record<string, unknown>;
}
