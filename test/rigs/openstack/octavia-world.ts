import { spawn } from 'node:child_process';
import { request as ask, createServer, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { octaviaBalancer } from '../../../src/balancers/octavia/index.ts';
import type { Balancer } from '../../../src/pipeline/balancer.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import type { BalancerRig } from '../../contract/balancer.ts';
import { freePort } from '../../support/free-port.ts';
import { fromRig } from '../../support/rig.ts';
import { runScript } from '../../support/run-script.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';
import { cloudsFile } from './openstack-world.ts';

/**
 * What an amphora would do, apart from the balancer and without its code: asks members for their health as the health
 * monitors in Octavia say, writes what it found into Octavia's database as the health manager does, and passes requests
 * on by what Octavia's interface says of members, weights and health.
 */
const member = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  protocol_port: z.number(),
  weight: z.number(),
  backup: z.boolean(),
  operating_status: z.string(),
});
type PoolMember = z.infer<typeof member>;
const listener = z.object({
  id: z.string(),
  protocol_port: z.number(),
  default_pool_id: z.string().nullish(),
});
const pool = z.object({ id: z.string(), healthmonitor_id: z.string().nullish(), created_at: z.string() });

async function login(): Promise<string> {
  const domain = { name: 'Default' };
  const identity = {
    methods: ['password'],
    password: { user: { name: 'demo', domain, password: 'secret' } },
  };
  const answer = await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: 'demo', domain } } } }),
  });
  return answer.headers.get('x-subject-token') ?? '';
}

/** Octavia's interface, as anybody may ask it. */
export async function octavia() {
  const token = await login();
  const at = `${fromRig('BAKERY_TEST_OPENSTACK_LOAD_BALANCER')}/v2/lbaas`;
  return async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${at}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok && answer.status !== 404)
      throw new Error(`Octavia: ${answer.status} ${await answer.text()}`);
    return answer.ok ? answer.json() : {};
  };
}
type Octavia = Awaited<ReturnType<typeof octavia>>;

async function vipNetwork(): Promise<string> {
  const answer = await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_NETWORK')}/v2.0/networks?name=private`, {
    headers: { 'x-auth-token': await login() },
  });
  const schema = z.object({ networks: z.tuple([z.object({ id: z.string() })]) });
  return schema.parse(await answer.json()).networks[0].id;
}

/** Makes a load balancer, as an operator does before Bakery gets it. */
export async function makeLoadBalancer(name: string): Promise<string> {
  const api = await octavia();
  const loadbalancer = { name, vip_network_id: await vipNetwork() };
  const schema = z.object({ loadbalancer: z.object({ id: z.string(), provisioning_status: z.string() }) });
  const { id } = schema.parse(await api('/loadbalancers', { loadbalancer })).loadbalancer;
  await until(
    'the load balancer is there',
    async () => schema.parse(await api(`/loadbalancers/${id}`)).loadbalancer.provisioning_status === 'ACTIVE',
    30_000,
  );
  return id;
}

/** One client of the database in the control plane. */
function database() {
  const url = fromRig('BAKERY_TEST_OPENSTACK_ENGINE');
  const args = ['-H', url, 'exec', '-i', 'control-plane', 'mariadb', 'octavia'];
  const client = spawn('docker', args, { stdio: ['pipe', 'ignore', 'inherit'] });
  return {
    write: (statement: string) => client.stdin.write(`${statement};\n`),
    close: () => client.stdin.end(),
  };
}

const isHealthy = (address: string, port: number, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = ask({ host: address, port, path, agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });

/** Asks the members of the two newest pools until it is stopped: no test uses more, and each costs three questions. */
function checker(api: Octavia, id: string, sql: ReturnType<typeof database>) {
  const stopped = new AbortController();
  const one = async (
    path: string,
    { id: member, address, protocol_port: port, weight, ...now }: PoolMember,
  ) => {
    const well = await isHealthy(address, port, path);
    const status = well ? (weight === 0 ? 'DRAINING' : 'ONLINE') : 'ERROR';
    if (status !== now.operating_status)
      sql.write(`UPDATE member SET operating_status = '${status}' WHERE id = '${member}'`);
  };
  const round = async (): Promise<void> => {
    const { pools } = z.object({ pools: z.array(pool) }).parse(await api(`/pools?loadbalancer_id=${id}`));
    const newest = pools.sort((one, other) => other.created_at.localeCompare(one.created_at)).slice(0, 2);
    for (const { id: poolId, healthmonitor_id: monitor } of newest) {
      if (monitor == null) continue;
      const schema = z.object({ healthmonitor: z.object({ url_path: z.string() }).optional() });
      const path = schema.parse(await api(`/healthmonitors/${monitor}`)).healthmonitor?.url_path;
      const list = z.object({ members: z.array(member).default([]) });
      const { members } = list.parse(await api(`/pools/${poolId}/members`));
      if (path !== undefined) await Promise.all(members.map((each) => one(path, each)));
    }
  };
  const ended = (async () => {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => console.error(error));
      await pause(100);
    }
  })();
  return async () => {
    stopped.abort();
    await ended;
  };
}

/** The front door of one port: weighted round robin over healthy members, and spares when none of them is. */
class FrontDoor {
  readonly #api: Octavia;
  readonly #sql: ReturnType<typeof database>;
  readonly #balancer: string;
  readonly #turns = new Map<string, number>();
  #active = 0;
  server: Server | undefined;

  constructor(api: Octavia, sql: ReturnType<typeof database>, balancer: string) {
    this.#api = api;
    this.#sql = sql;
    this.#balancer = balancer;
  }

  listen(port: number): Promise<void> {
    this.server = createServer(async (request, response) => {
      const found = await this.#listener(port);
      const chosen = found?.default_pool_id && this.#choose(await this.#members(found.default_pool_id));
      if (!found || !chosen) return void response.writeHead(503).end();
      await this.#count(found.id, 1);
      const { address: host, protocol_port } = chosen;
      const passed = ask({ host, port: protocol_port, path: request.url, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.writeHead(502).end());
      response.on('close', () => void this.#count(found.id, -1));
      request.pipe(passed);
    });
    return new Promise((resolve) => this.server?.listen(port, '127.0.0.1', resolve));
  }

  async #listener(port: number) {
    const path = `/listeners?loadbalancer_id=${this.#balancer}&protocol_port=${port}`;
    return z.object({ listeners: z.array(listener) }).parse(await this.#api(path)).listeners[0];
  }

  async #members(id: string): Promise<PoolMember[]> {
    const answer = await this.#api(`/pools/${id}/members`);
    return z.object({ members: z.array(member).default([]) }).parse(answer).members;
  }

  /** Smooth weighted round robin: each member's turn grows by its weight, the largest is taken and pays the sum. */
  #choose(members: PoolMember[]): PoolMember | undefined {
    const well = members.filter(({ operating_status: status }) => status === 'ONLINE');
    const active = well.filter(({ backup, weight }) => !backup && weight > 0);
    const usable = active.length > 0 ? active : well.filter(({ backup }) => backup);
    let best: PoolMember | undefined;
    for (const one of usable) {
      this.#turns.set(one.id, (this.#turns.get(one.id) ?? 0) + one.weight);
      if (best === undefined || this.#turn(one) > this.#turn(best)) best = one;
    }
    const sum = usable.reduce((total, { weight }) => total + weight, 0);
    if (best !== undefined) this.#turns.set(best.id, this.#turn(best) - sum);
    return best;
  }

  #turn({ id }: PoolMember): number {
    return this.#turns.get(id) ?? 0;
  }

  /** As the health manager writes what amphorae count. */
  async #count(id: string, more: number): Promise<void> {
    this.#active += more;
    const values = `'${id}', '${id}', 0, 0, ${this.#active}, 0, 0`;
    this.#sql.write(
      `REPLACE INTO listener_statistics (listener_id, amphora_id, bytes_in, bytes_out, active_connections, total_connections, request_errors) VALUES (${values})`,
    );
  }
}

/** A load balancer with what stands for its amphora. */
async function openPlace(api: Octavia, sql: ReturnType<typeof database>, name: string) {
  const id = await makeLoadBalancer(name);
  const balancer = octaviaBalancer({
    ...{ cloud: 'rig', cloudsFile: cloudsFile(), loadBalancer: id, host: '127.0.0.1' },
    ...{ check: { every: 1, timeout: 1, up: 1, down: 1 }, statistics: 200 },
  });
  return { id, balancer, stopChecks: checker(api, id, sql) };
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
      const door = new FrontDoor(api, sql, place.id);
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
      for (const one of doors) one.server?.closeAllConnections();
      for (const one of doors) one.server?.close();
      for (const one of members) await one.close();
      sql.close();
      for (const one of places) await removeLoadBalancer(one.id);
    },
  } satisfies BalancerRig & Record<string, unknown>;
}

async function removeLoadBalancer(id: string): Promise<void> {
  await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_LOAD_BALANCER')}/v2/lbaas/loadbalancers/${id}?cascade=true`, {
    method: 'DELETE',
    headers: { 'x-auth-token': await login() },
  });
}
