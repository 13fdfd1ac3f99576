import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Mark } from '../../pipeline/domain/marked.ts';
import type { HealthCheck } from '../../pipeline/domain/service-file.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import {
  type Call,
  type InstanceReport,
  type Marked,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { askInstance } from '../ask-health.ts';
import { readConsole } from '../cloud-init/console.ts';
import { isSameMark } from '../mark-fields.ts';
import type { Cloud } from './cloud-parts.ts';
import { floatingId } from './floating.ts';
import { key, markOf } from './marks.ts';
import { type FoundMember, isMember } from './members.ts';
import { reachedAt, soonAgain } from './placing.ts';
import { portId } from './ports.ts';
import { removeBuilder } from './remove-builder.ts';
import { failedServer, standingOf } from './server-state.ts';
import { type Server, serverName } from './servers.ts';

const effectTime: Millis = 3_000;
/** What a server gets to switch itself off, when its service has ended. */
const shutdown: Millis = 30_000;

/** The servers that are there. */
export class Instances {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  async inspect(
    { id, address }: Instance,
    health: Pick<HealthCheck, 'path' | 'by'>,
    { signal }: Call,
  ): Promise<InstanceReport> {
    const server = await this.#cloud.servers.get(id, signal);
    if (server === undefined) return { state: 'gone', healthy: false, because: 'it is not there' };
    switch (standingOf(server)) {
      case 'going':
        return { state: 'gone', healthy: false, because: 'it is being removed' };
      case 'made':
        return { state: 'starting', healthy: false, because: 'the server is being made' };
      case 'off':
        return { state: 'exited', healthy: false, because: 'the server is switched off' };
      case 'failed':
        return { state: 'exited', healthy: false, because: failedServer(server).message };
      case 'on': {
        const because = await askInstance(address, health, signal);
        if (because === undefined) return { state: 'running', healthy: true };
        return { state: 'running', healthy: false, because };
      }
    }
  }

  async logs(id: string, lines: number, call: Call): Promise<string[]> {
    const { servers, reports } = this.#cloud;
    const server = await servers.get(id, call.signal);
    if (server === undefined) return [];
    const mark = markOf(server.metadata ?? {});
    if (mark !== undefined && server.metadata?.[key.once] !== undefined)
      return reports.lines(mark, lines, call);
    return readConsole(await servers.console(id, call.signal)).lines.slice(-lines);
  }

  /** Told to end, switched off, and then removed: a server that is removed at once loses its requests. */
  async terminate(id: string, grace: Millis, call: Call): Promise<Reply<void>> {
    const { servers, floating, ports } = this.#cloud;
    const address = floatingId(id);
    const port = portId(id);
    if (address !== undefined)
      return this.#giveBack(id, await floating.find(address, call.signal), call, (signal) =>
        floating.remove(address, signal),
      );
    if (port !== undefined)
      return this.#giveBack(id, await ports.find(port, call.signal), call, (signal) =>
        ports.release(port, signal),
      );
    if (isMember(id)) return this.#takeOut(id, call);
    const server = await servers.get(id, call.signal);
    if (server === undefined) return ready(undefined);
    const { metadata = {} } = server;
    const mark = markOf(metadata);
    if (mark === undefined) throw notOurs(`The server ${id}`);
    const standing = standingOf(server);
    if (standing === 'going') return notYet(500, 'the server is being removed');
    call.ensureTime(effectTime);
    if (standing === 'on' && metadata[key.what] === 'instance') {
      const note = await this.#switchOff(server, grace, call);
      if (note !== undefined) return note;
    }
    await this.#remove(server, mark, call);
    return notYet(500, 'the server is being removed');
  }

  /** What it has of Neutron's first: that costs as much without it, and is found by its mark alone. */
  async #remove(server: Server, mark: Mark, { signal }: Call): Promise<void> {
    const { floating, ports } = this.#cloud;
    for (const { id } of await floating.of(mark, signal)) await floating.remove(id, signal);
    for (const one of await this.#ports(mark.owner, signal))
      if (isSameMark(one.mark, mark)) await ports.release(portId(one.id) ?? '', signal);
    await removeBuilder(this.#cloud, server, signal);
  }

  async #ports(owner: string, signal: AbortSignal): Promise<Marked[]> {
    const { ports, names, settings } = this.#cloud;
    const ids = (settings.ports ?? []).map((name) => names.port(name, signal));
    return ports.list(await Promise.all(ids), owner, signal);
  }

  /** An address or a port is a server's as long as that is there. */
  async #giveBack(
    id: string,
    found: { mark: Mark | undefined } | undefined,
    call: Call,
    give: (signal: AbortSignal) => Promise<void>,
  ): Promise<Reply<void>> {
    if (found === undefined) return ready(undefined);
    const { mark } = found;
    if (mark === undefined && portId(id) !== undefined) return ready(undefined);
    if (mark === undefined) throw notOurs(`The floating address ${id}`);
    const { servers } = this.#cloud;
    if ((await servers.named(serverName(mark, 'instance'), call.signal)).length > 0)
      return notYet(500, 'its server is there');
    call.ensureTime(effectTime);
    await give(call.signal);
    return ready(undefined);
  }

  /** A member with traffic is its server's as long as that is there: whoever relies on it is not cut off. */
  async #takeOut(id: string, call: Call): Promise<Reply<void>> {
    const { members, servers } = this.#cloud;
    const found = await members.find(id, call.signal);
    if (found === undefined) return ready(undefined);
    const server = await servers.get(found.server, call.signal);
    if ((found.mark ?? markOf(server?.metadata ?? {})) === undefined) throw notOurs(`The member ${id}`);
    if (found.weighted && server !== undefined) return notYet(500, 'it has traffic, and its server is there');
    call.ensureTime(effectTime);
    await members.remove(id, call.signal);
    return notYet(500, 'it is being taken out');
  }

  async #switchOff(server: Server, grace: Millis, { signal }: Call): Promise<Reply<void> | undefined> {
    const { servers, settings } = this.#cloud;
    const now = settings.now();
    const ended = Number(server.metadata?.[key.ended] ?? Number.NaN);
    if (now - ended > grace + shutdown) return undefined;
    if (Number.isNaN(ended)) await servers.tell(server.id, { [key.ended]: String(now) }, signal);
    if (server.task === undefined) await servers.stop(server.id, signal);
    return notYet(soonAgain(now - ended), 'it is finishing its requests');
  }

  /** Servers, the floating addresses and ports that are theirs, and the members of pools in front of them. */
  async list(owner: string, { signal }: Call): Promise<Marked[]> {
    const { servers, floating, members } = this.#cloud;
    const [made, addresses, ports, inPools] = await Promise.all([
      servers.of(owner, signal),
      floating.list(owner, signal),
      this.#ports(owner, signal),
      members.all(signal),
    ]);
    const addressOf = (mark: Mark) => addresses.find((one) => isSameMark(one.mark, mark))?.address;
    return [
      ...made.flatMap((server) => this.#marked(server, addressOf)),
      ...addresses.map(({ what, id, mark }): Marked => ({ what, id, mark })),
      ...ports,
      ...(await this.#membersOf(owner, inPools, made, signal)),
    ];
  }

  /** One without a mark of its own has its server's. A dead member's weight is nobody's traffic. */
  async #membersOf(owner: string, inPools: FoundMember[], made: Server[], signal: AbortSignal) {
    const marked: Marked[] = [];
    for (const { id, server: name, mark: own, weighted } of inPools) {
      const server = made.find((one) => one.id === name);
      const mark = own ?? markOf(server?.metadata ?? {});
      if (mark?.owner !== owner) continue;
      const isThere =
        weighted && (server !== undefined || (await this.#cloud.servers.get(name, signal)) !== undefined);
      marked.push({ what: 'builder', id, mark, ...(isThere ? { serving: true } : {}) });
    }
    return marked;
  }

  #marked(server: Server, floatingOf: (mark: Mark) => string | undefined): Marked[] {
    const mark = markOf(server.metadata ?? {});
    if (mark === undefined) return [];
    const { id } = server;
    if (server.metadata?.[key.what] === 'builder') return [{ what: 'builder', id, mark }];
    const { settings } = this.#cloud;
    const address = reachedAt(settings, server, floatingOf(mark));
    if (address === undefined) return [{ what: 'instance', id, mark }];
    const { effect, generation } = mark;
    const instance = { provider: settings.name, id, address, effect, generation };
    return [{ what: 'instance', id, mark, instance }];
  }
}

const notOurs = (what: string): ProviderError =>
  new ProviderError(
    'unexpected state',
    `${what} is not Bakery's. It was left as it is; look who gave its id.`,
  );
