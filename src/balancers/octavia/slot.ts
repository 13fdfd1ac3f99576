import type { SlotTraffic } from '../../pipeline/balancer.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { type Call, notYet, ProviderError, type Reply, ready } from '../../pipeline/provider.ts';
import { poolName } from '../../providers/openstack/members.ts';
import type { Healthy, SavedSlot } from '../rules.ts';
import type { Listener, Pool, PoolMember } from './objects.ts';
import type { Check, Octavia } from './octavia.ts';
import { drainingSince, healthOf, inOrder, isWritten, memberOf, savedMember, written } from './placed.ts';

/** A change of a slot, as a pure function. */
export type Rule = (slot: SavedSlot, healthy: Healthy) => SavedSlot;

/** What a change that attaches brings along: where health is asked, and the tags of the member by its instance. */
export interface Attached {
  path: string;
  marked: Readonly<Record<string, string[]>>;
}

interface View {
  listener: Listener | undefined;
  pool: Pool | undefined;
  members: PoolMember[];
  saved: SavedSlot;
}

export interface SlotSettings {
  check: Check;
  /** The subnet that members are reached in; the load balancer's own without it. */
  subnet: string | undefined;
  /** Milliseconds after which Octavia's statistics surely know of a connection. */
  statistics: number;
  now(): At;
}

const epochIn = (pool: Pool | undefined): number =>
  Number(/^bakery epoch (\d+)$/.exec(pool?.description ?? '')?.[1] ?? 0);
const describing = (epoch: number): string => `bakery epoch ${epoch}`;

/** Milliseconds of one call after which it begins no further change: an attempt has 30 s, and each change its own time. */
const begins = 8_000;
/** Milliseconds that Octavia may take to accept one. */
const asking = 3_000;

/** One slot during one call: a listener, its pool, the pool's members and its health monitor. */
export class OctaviaSlot {
  readonly #octavia: Octavia;
  readonly #frontend: Frontend;
  readonly #settings: SlotSettings;
  readonly #call: Call;
  readonly #began: At;

  constructor(octavia: Octavia, frontend: Frontend, settings: SlotSettings, call: Call) {
    this.#octavia = octavia;
    this.#frontend = frontend;
    this.#settings = settings;
    this.#began = settings.now();
    this.#call = call;
  }

  async traffic(): Promise<SlotTraffic> {
    const { saved, members, listener } = await this.#look();
    const active = listener === undefined ? 0 : await this.#octavia.activeConnections(listener, this.#call);
    return {
      frontend: this.#frontend,
      epoch: saved.epoch,
      members: members.map((one) => memberOf(one, active)),
    };
  }

  /** Decides, then does: the epoch first, then all members in one step. When the rule throws, nothing has changed. */
  async change(rule: Rule, attached?: Attached): Promise<SlotTraffic> {
    const path = attached?.path;
    const before = await this.#look();
    const healthy = new Set(
      before.members.filter((one) => healthOf(one) === 'healthy').map(({ name }) => name),
    );
    const wanted = rule(before.saved, healthy);
    const { pool, members } =
      before.pool === undefined || before.listener === undefined || path !== undefined
        ? await this.#opened(before, path ?? '/', wanted.epoch)
        : { pool: before.pool, members: before.members };
    if (epochIn(pool) !== wanted.epoch)
      await this.#begin(() => this.#octavia.describe(pool, describing(wanted.epoch), this.#call));
    const next = written(wanted.members, members, this.#settings.now(), attached?.marked);
    if (isWritten(next, members)) await this.#octavia.settled(this.#call);
    else await this.#begin(() => this.#octavia.write(pool, next, this.#settings.subnet, this.#call));
    const after = await this.traffic();
    if (after.epoch > wanted.epoch)
      throw new ProviderError(
        'fenced',
        `${this.#frontend.slot} was changed under epoch ${after.epoch} meanwhile, and this change is of epoch ${wanted.epoch}. The newer deployment goes on, and puts right what differs.`,
      );
    return after;
  }

  /** Ready when the listener has no connection at all: Octavia does not tell whose they are. */
  async drain(instance: string, deadline: At): Promise<Reply<void>> {
    const { members, listener } = await this.#look();
    const now = this.#settings.now();
    const member = members.find(({ name }) => name === instance);
    if (member === undefined || listener === undefined || now >= deadline) return ready(undefined);
    const known = (drainingSince(member) ?? now) + this.#settings.statistics;
    if (now < known) return notYet(Math.min(known, deadline) - now, 'its connections are being counted');
    const active = await this.#octavia.activeConnections(listener, this.#call);
    return active === 0
      ? ready(undefined)
      : notYet(1_000, `${active} connections to the front door are open`);
  }

  /** One change, while there is time for it. What was changed before stays, and the next call goes on from there. */
  async #begin(change: () => Promise<void>): Promise<void> {
    this.#call.ensureTime(asking);
    if (this.#settings.now() - this.#began < begins) return change();
    throw new ProviderError(
      'busy',
      `Octavia takes its time for each change of ${this.#frontend.slot}. What serves goes on; Bakery does the rest with its next go.`,
    );
  }

  async #look(): Promise<View> {
    const { slot, port } = this.#frontend;
    const [listener, pools] = await Promise.all([
      this.#octavia.listener(this.#frontend, this.#call),
      this.#octavia.pools(this.#frontend, this.#call),
    ]);
    if (listener !== undefined && listener.name !== poolName(slot))
      throw new ProviderError(
        'port in use',
        `Port ${port} of the load balancer belongs to the listener ${listener.name}. Nothing was changed; choose another port for ${slot}.`,
      );
    const pool = pools.find(({ id }) => id === listener?.default_pool_id) ?? pools[0];
    const members = pool === undefined ? [] : inOrder(await this.#octavia.members(pool, this.#call));
    const saved = members.map((one) => savedMember(one, ''));
    return { listener, pool, members, saved: { slot, port, epoch: epochIn(pool), members: saved } };
  }

  /** Makes what is missing of pool, monitor and listener, in this order: what is open has a pool that is checked. */
  async #opened(before: View, path: string, epoch: number): Promise<{ pool: Pool; members: PoolMember[] }> {
    if (before.pool === undefined)
      await this.#begin(() => this.#octavia.makePool(this.#frontend, describing(epoch), this.#call));
    const { pool } = before.pool === undefined ? await this.#look() : before;
    if (pool === undefined) throw gone(this.#frontend);
    if ((await this.#octavia.monitorPath(pool, this.#call)) !== path)
      await this.#begin(() => this.#octavia.monitor(pool, path, this.#settings.check, this.#call));
    if (before.listener === undefined)
      await this.#begin(() => this.#octavia.open(this.#frontend, pool, this.#call));
    const after = await this.#look();
    if (after.pool === undefined) throw gone(this.#frontend);
    for (const one of await this.#octavia.pools(this.#frontend, this.#call))
      if (one.id !== after.pool.id) await this.#octavia.removePool(one, this.#call);
    return { pool: after.pool, members: after.members };
  }
}

const gone = ({ slot }: Frontend): ProviderError =>
  new ProviderError('busy', `The pool of ${slot} went while it was being made. Bakery tries again.`);
