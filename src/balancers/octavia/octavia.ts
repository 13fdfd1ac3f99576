import { z } from 'zod';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { poolName } from '../../providers/openstack/members.ts';
import { everyItem } from '../../providers/openstack/pages.ts';
import type { Question, Session } from '../../providers/openstack/session.ts';
import { Changing } from './changing.ts';
import {
  balancerSchema,
  type Listener,
  listenerSchema,
  memberSchema,
  monitorSchema,
  type Pool,
  type PoolMember,
  poolSchema,
} from './objects.ts';
import type { WrittenMember } from './placed.ts';

/** How a member's health is asked, in seconds and in goes. */
export interface Check {
  every: number;
  timeout: number;
  up: number;
  down: number;
}

/** One load balancer of Octavia's: what is below it, one call each. */
export class Octavia {
  readonly #session: Session;
  readonly #name: string;
  #id: Promise<string> | undefined;

  /** `name` is the load balancer's name or id. */
  constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
  }

  async changing({ signal }: Pick<Call, 'signal'>): Promise<Changing> {
    return new Changing(this.#session, await this.#found(signal));
  }

  /** The listener of a port, whoever made it. */
  async listener({ port }: Frontend, { signal }: Pick<Call, 'signal'>): Promise<Listener | undefined> {
    const id = await this.#found(signal);
    const path = `/listeners?protocol_port=${port}&loadbalancer_id=${id}`;
    const found = await this.#list({ path, doing: 'list listeners' }, 'listeners', listenerSchema, signal);
    return found.find((one) => one.loadbalancers.some((balancer) => balancer.id === id));
  }

  async pools({ slot }: Frontend, { signal }: Pick<Call, 'signal'>): Promise<Pool[]> {
    const id = await this.#found(signal);
    const path = `/pools?name=${encodeURIComponent(poolName(slot))}&loadbalancer_id=${id}`;
    const found = await this.#list({ path, doing: 'list pools' }, 'pools', poolSchema, signal);
    return found.sort((one, other) =>
      `${one.created_at} ${one.id}`.localeCompare(`${other.created_at} ${other.id}`),
    );
  }

  /** All pools below it, whosever they are. */
  async allPools({ signal }: Pick<Call, 'signal'>): Promise<Pool[]> {
    const path = `/pools?loadbalancer_id=${await this.#found(signal)}`;
    return this.#list({ path, doing: 'list pools' }, 'pools', poolSchema, signal);
  }

  members({ id }: Pool, { signal }: Pick<Call, 'signal'>): Promise<PoolMember[]> {
    const asked = { path: `/pools/${id}/members`, doing: 'list members' };
    return this.#list(asked, 'members', memberSchema, signal);
  }

  async monitorPath({ healthmonitor_id: id }: Pool, { signal }: Pick<Call, 'signal'>): Promise<string> {
    if (id == null) return '';
    const asked = { path: `/healthmonitors/${id}`, doing: 'look at the health monitor' };
    const schema = z.object({ healthmonitor: monitorSchema });
    const { healthmonitor } = await this.#session.ask({ ...asked, service: 'load-balancer' }, schema, signal);
    return healthmonitor.url_path ?? '';
  }

  /** Connections that the listener has now, of all its members together. */
  async activeConnections({ id }: Listener, { signal }: Pick<Call, 'signal'>): Promise<number> {
    const asked = { path: `/listeners/${id}/stats`, doing: 'read the statistics of the listener' };
    const schema = z.object({ stats: z.object({ active_connections: z.number() }) });
    return (await this.#session.ask({ ...asked, service: 'load-balancer' }, schema, signal)).stats
      .active_connections;
  }

  async makePool({ slot }: Frontend, description: string, call: Call): Promise<void> {
    const pool = {
      loadbalancer_id: await this.#found(call.signal),
      name: poolName(slot),
      description,
      protocol: 'HTTP',
      lb_algorithm: 'ROUND_ROBIN',
    };
    await this.#change({ method: 'POST', path: '/pools', body: { pool }, doing: 'make a pool' }, call);
  }

  /** Resolves when what was asked for is so: also when another copy of this call asked. */
  async settled(call: Call): Promise<void> {
    await (await this.changing(call)).settled(call);
  }

  async describe({ id }: Pool, description: string, call: Call): Promise<void> {
    const body = { pool: { description } };
    await this.#change({ method: 'PUT', path: `/pools/${id}`, body, doing: 'note who is in charge' }, call);
  }

  async monitor(pool: Pool, path: string, { every, timeout, up, down }: Check, call: Call): Promise<void> {
    const { id, healthmonitor_id: known } = pool;
    if (known != null) {
      const asked = { path: `/healthmonitors/${known}`, doing: 'change the health monitor' } as const;
      return this.#change({ ...asked, method: 'PUT', body: { healthmonitor: { url_path: path } } }, call);
    }
    const healthmonitor = {
      ...{ pool_id: id, type: 'HTTP', http_method: 'GET', url_path: path, expected_codes: '200-299' },
      ...{ delay: every, timeout, max_retries: up, max_retries_down: down },
    };
    const asked = { path: '/healthmonitors', doing: 'make a health monitor' } as const;
    // A second one is refused by Octavia: another copy came first.
    await this.#change({ ...asked, method: 'POST', body: { healthmonitor } }, call, async () =>
      Boolean((await this.#poolOf(id, call)).healthmonitor_id),
    );
  }

  /** A port has one listener: of two that open it at once Octavia refuses the second, whose pool then is nobody's. */
  async open(frontend: Frontend, { id }: Pool, call: Call): Promise<void> {
    const listener = {
      ...{ loadbalancer_id: await this.#found(call.signal), name: poolName(frontend.slot) },
      ...{ protocol: 'HTTP', protocol_port: frontend.port, default_pool_id: id },
    };
    const asked = { path: '/listeners', doing: `open port ${frontend.port}` } as const;
    await this.#change(
      { ...asked, method: 'POST', body: { listener } },
      call,
      async () => (await this.listener(frontend, call)) !== undefined,
    );
  }

  async close({ id, protocol_port: port }: Listener, call: Call): Promise<void> {
    await this.#change({ method: 'DELETE', path: `/listeners/${id}`, doing: `close port ${port}` }, call);
  }

  /** All members of a pool in one step: those not named go. */
  async write({ id }: Pool, members: WrittenMember[], subnet: string | undefined, call: Call): Promise<void> {
    const placed = members.map((one) => ({ ...one, ...(subnet === undefined ? {} : { subnet_id: subnet }) }));
    const asked = { path: `/pools/${id}/members`, doing: 'change the members' } as const;
    await this.#change({ ...asked, method: 'PUT', body: { members: placed } }, call);
  }

  async removePool({ id }: Pool, call: Call): Promise<void> {
    await this.#change({ method: 'DELETE', path: `/pools/${id}`, doing: 'remove a pool' }, call);
  }

  async #poolOf(id: string, { signal }: Call): Promise<Pool> {
    const asked = { path: `/pools/${id}`, doing: 'look at the pool', service: 'load-balancer' } as const;
    return (await this.#session.ask(asked, z.object({ pool: poolSchema }), signal)).pool;
  }

  async #change(
    asked: Omit<Question, 'service'>,
    call: Call,
    isDone?: () => Promise<boolean>,
  ): Promise<void> {
    const changing = await this.changing(call);
    const ask = () => this.#session.send({ ...asked, service: 'load-balancer' }, call.signal);
    await changing.change(ask, call, isDone);
  }

  #list<Item extends z.ZodType>(
    asked: { path: string; doing: string },
    key: string,
    item: Item,
    signal: AbortSignal,
  ): Promise<z.infer<Item>[]> {
    return everyItem(this.#session, { ...asked, service: 'load-balancer' }, key, item, signal);
  }

  async #found(signal: AbortSignal): Promise<string> {
    const found = this.#id ?? this.#look(signal);
    this.#id = found;
    try {
      return await found;
    } catch (error) {
      this.#id = undefined;
      throw error;
    }
  }

  async #look(signal: AbortSignal): Promise<string> {
    const asked = { path: '/loadbalancers', doing: 'list load balancers' };
    const all = await this.#list(asked, 'loadbalancers', balancerSchema, signal);
    const [first, ...more] = all.filter(({ id, name }) => id === this.#name || name === this.#name);
    if (first !== undefined && more.length === 0) return first.id;
    const sentence =
      first === undefined
        ? `The project has no load balancer ${this.#name}. Nothing was changed; make it, or correct the balancer in bot.yaml.`
        : `The project has more than one load balancer ${this.#name}. Nothing was changed; name it by its id in bot.yaml.`;
    throw new ProviderError('bad settings', sentence);
  }
}
