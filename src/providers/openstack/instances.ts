import type { Instance } from '../../pipeline/domain/instance.ts';
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
import type { Cloud } from './cloud-parts.ts';
import { key, markOf } from './marks.ts';
import { addressOf, soonAgain } from './placing.ts';
import { removeBuilder } from './remove-builder.ts';
import { failedServer, standingOf } from './server-state.ts';
import type { Server } from './servers.ts';

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

  async logs(id: string, lines: number, { signal }: Call): Promise<string[]> {
    const server = await this.#cloud.servers.get(id, signal);
    if (server === undefined) return [];
    return readConsole(await this.#cloud.servers.console(id, signal)).lines.slice(-lines);
  }

  /** Told to end, switched off, and then removed: a server that is removed at once loses its requests. */
  async terminate(id: string, grace: Millis, call: Call): Promise<Reply<void>> {
    const { servers } = this.#cloud;
    const server = await servers.get(id, call.signal);
    if (server === undefined) return ready(undefined);
    const { metadata = {} } = server;
    if (markOf(metadata) === undefined)
      throw new ProviderError(
        'unexpected state',
        `The server ${id} is not Bakery's. It was left as it is; look who gave its id.`,
      );
    const standing = standingOf(server);
    if (standing === 'going') return notYet(500, 'the server is being removed');
    call.ensureTime(effectTime);
    if (standing === 'on' && metadata[key.what] === 'instance') {
      const note = await this.#switchOff(server, grace, call);
      if (note !== undefined) return note;
    }
    await removeBuilder(this.#cloud, server, call.signal);
    return notYet(500, 'the server is being removed');
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

  async list(owner: string, { signal }: Call): Promise<Marked[]> {
    const servers = await this.#cloud.servers.of(owner, signal);
    return servers.flatMap((server) => this.#marked(server));
  }

  #marked(server: Server): Marked[] {
    const mark = markOf(server.metadata ?? {});
    if (mark === undefined) return [];
    const { id } = server;
    if (server.metadata?.[key.what] === 'builder') return [{ what: 'builder', id, mark }];
    const { settings } = this.#cloud;
    const address = addressOf(server, settings.port);
    if (address === undefined) return [{ what: 'instance', id, mark }];
    const { effect, generation } = mark;
    const instance = { provider: settings.name, id, address, effect, generation };
    return [{ what: 'instance', id, mark, instance }];
  }
}
