import { join } from 'node:path';
import type { Member, SlotTraffic } from '../../pipeline/balancer.ts';
import { onDisk } from '../../pipeline/disk-fault.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { notYet, ProviderError, type Reply, ready } from '../../pipeline/provider.ts';
import type { Healthy, SavedSlot } from '../rules.ts';
import { commandsFor } from './commands.ts';
import { drainOnce } from './drain.ts';
import { backendOf, type Haproxy, pathsFile, stateFile } from './haproxy.ts';
import {
  adopted,
  countersAt,
  type Expected,
  expectedAt,
  healthAt,
  type PlacedSlot,
  placed,
  serverNames,
} from './placed.ts';
import { type Kept, replaceFile, versionsIn } from './versions.ts';
import type { BackendView } from './view.ts';

/** How often a change is begun anew after somebody else's, or a reload, came between. */
const tries = 20;

/** A change of a slot, as a pure function. */
export type Rule = (slot: SavedSlot, healthy: Healthy) => SavedSlot;

/** What HAProxy showed, and what was kept of what it should be. */
interface Seen {
  view: BackendView;
  kept: Kept;
  placed: PlacedSlot;
}

/** One slot during one call. */
export class HaproxySlot {
  readonly #haproxy: Haproxy;
  readonly #frontend: Frontend;
  readonly #now: () => number;
  readonly #backend: string;
  readonly #versions: ReturnType<typeof versionsIn>;

  constructor(haproxy: Haproxy, frontend: Frontend, now: () => number) {
    this.#haproxy = haproxy;
    this.#frontend = frontend;
    this.#now = now;
    this.#backend = backendOf(frontend.slot);
    const folder = join(haproxy.options.stateDir, 'bakery', this.#backend);
    this.#versions = versionsIn(folder, frontend.slot);
  }

  /** What is so now, after HAProxy was put right when a reload, a restart or a person had changed it. */
  async members(): Promise<SlotTraffic> {
    const { view, placed } = await this.#read();
    if (this.#commands(placed, view).length === 0) return this.#traffic(placed, view);
    return this.#apply();
  }

  /** Changes members and weights by a rule, with the addresses of those who come. When it throws, nothing has changed. */
  change(rule: Rule, addresses: ReadonlyMap<string, string> = new Map()): Promise<SlotTraffic> {
    return this.#become(({ view, placed: before }) => {
      const wanted = rule({ ...before.saved, port: this.#frontend.port }, healthyIn(before, view));
      return placed(wanted, before, addresses, view, this.#now());
    });
  }

  /** Begins the checks of an instance that comes until then. */
  expect(expected: Expected, until: At): Promise<SlotTraffic> {
    return this.#become(({ view, placed }) => expectedAt(placed, expected, until, view, this.#now()));
  }

  /** Decides, keeps, then does; decides anew when somebody else was first. */
  async #become(decide: (seen: Seen) => PlacedSlot): Promise<SlotTraffic> {
    for (let tried = 0; tried < tries; tried += 1) {
      const seen = await this.#read();
      const { view, kept } = seen;
      const next = decide(seen);
      if (kept.placed !== undefined && isSame(next, kept.placed)) {
        if (this.#commands(next, view).length === 0) return this.#traffic(next, view);
        return this.#apply();
      }
      if (await this.#versions.follow(kept, next))
        return this.#apply(
          { view, placed: next },
          kept.placed === undefined || !isSame(membersOf(next), membersOf(kept.placed)),
        );
    }
    throw new ProviderError('busy', `Others change ${this.#frontend.slot} all the time. Bakery tries again.`);
  }

  async drain(instance: string, deadline: At): Promise<Reply<void>> {
    const { placed: now } = await this.#read();
    const place = now.places[instance];
    if (place === undefined) return ready(undefined);
    const left = await drainOnce(this.#haproxy, this.#frontend.slot, place, deadline, this.#now());
    return left === undefined ? ready(undefined) : notYet(left.again, left.note);
  }

  /** Looks at HAProxy first and at what is kept second: what is kept is then at least as new as what was seen. */
  async #read(): Promise<Seen> {
    const view = await this.#haproxy.view(this.#frontend.slot);
    const kept = await this.#versions.read();
    const { slot, port } = this.#frontend;
    return { view, kept, placed: kept.placed ?? adopted(slot, port, view) };
  }

  /**
   * Makes HAProxy what the newest version says, again when that changed meanwhile, until both are the same. `seen` is how
   * it begins: what HAProxy was a moment ago, and what was just kept. Who is only expected need not outlive a reload.
   */
  async #apply(seen?: Pick<Seen, 'view' | 'placed'>, saves = true): Promise<SlotTraffic> {
    for (let tried = 0; tried < tries; tried += 1) {
      const { view, placed } = (tried === 0 ? seen : undefined) ?? (await this.#read());
      const commands = this.#commands(placed, view);
      await this.#haproxy.command(commands);
      if (saves || tried > 0) await this.#save(placed);
      const after = await this.#read();
      const settled = isSame(membersOf(after.placed), membersOf(placed)) && after.view.pid === view.pid;
      if (settled && this.#commands(after.placed, after.view).length === 0)
        return this.#traffic(after.placed, after.view);
    }
    throw new ProviderError(
      'unexpected state',
      `HAProxy does not become what ${this.#frontend.slot} should be: after ${tries} goes ${this.#backend} still reads back otherwise. Look at \`show servers state ${this.#backend}\`, then retry.`,
    );
  }

  #commands(placed: PlacedSlot, view: BackendView): string[] {
    const map = pathsFile(this.#haproxy.options.stateDir, this.#frontend.slot);
    return commandsFor(this.#backend, placed, view, map, this.#now());
  }

  /** What HAProxy reads when it is reloaded or started, also while Bakery is away. */
  async #save({ saved, places, coming = [] }: PlacedSlot): Promise<void> {
    const { stateDir } = this.#haproxy.options;
    const { slot } = this.#frontend;
    const state = await this.#haproxy.ask(`show servers state ${this.#backend}`);
    const members = saved.members.map(({ instance, path }) => ({
      number: places[instance]?.number ?? 0,
      path,
    }));
    const paths = [...members, ...coming].flatMap(({ number, path }) => {
      const names = serverNames(number);
      return path === '' ? [] : [`${names.member} ${path}\n${names.spare} ${path}\n`];
    });
    await onDisk(`keep HAProxy's state of ${slot} in ${stateDir}`, async () => {
      await replaceFile(pathsFile(stateDir, slot), paths.join(''));
      await replaceFile(stateFile(stateDir, slot), state);
    });
  }

  #traffic({ saved, places }: PlacedSlot, view: BackendView): SlotTraffic {
    const members = saved.members.map(({ instance, address, weight, draining }): Member => {
      const place = places[instance];
      const { requests, failed, inFlight } = countersAt(place?.number ?? 0, view);
      const base = place?.base.pid === view.pid ? place.base : { requests: 0, failed: 0 };
      return {
        instance,
        address,
        weight,
        health: healthAt(place?.number ?? 0, weight === 0 && !draining, view),
        draining,
        inFlight,
        requests: Math.max(0, requests - base.requests),
        failed: Math.max(0, failed - base.failed),
      };
    });
    return { frontend: this.#frontend, epoch: saved.epoch, members };
  }
}

function healthyIn({ saved, places }: PlacedSlot, view: BackendView): Healthy {
  const healthy = saved.members.filter(({ instance }) => {
    const place = places[instance];
    const server = view.servers.get(serverNames(place?.number ?? 0).member);
    return server?.health === 'healthy' && server.at === place?.at && server.state !== 'maint';
  });
  return new Set(healthy.map(({ instance }) => instance));
}

const membersOf = ({ saved, places }: PlacedSlot): unknown => [saved, places];

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
