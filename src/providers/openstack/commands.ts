import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import {
  type Call,
  type LaunchOrder,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { type CommandMachine, checkEnd, timesOf } from '../cloud-init/command-end.ts';
import { waited } from '../cloud-init/command-looks.ts';
import type { Said } from '../cloud-init/command-reports.ts';
import { readConsole } from '../cloud-init/console.ts';
import { runningOnceUserData } from '../cloud-init/running-once.ts';
import { isSameMark } from '../mark-fields.ts';
import type { Cloud } from './cloud-parts.ts';
import { makeServer, wasEnded } from './making.ts';
import { key, markOf } from './marks.ts';
import { addressOf } from './placing.ts';
import { failedServer, isEnding, standingOf } from './server-state.ts';
import { isSurplus, type Server, serverName } from './servers.ts';
import { startingOf } from './start-data.ts';

const noStore = (): ProviderError =>
  new ProviderError(
    'denied',
    'This cloud has no object store (Swift), through which a machine tells how its command ended: the migration of bakery.yaml cannot run here. Nothing was started and no database was changed; have `object-store` in its catalog, or run it in the outside CI or by hand, and release without `migrate`.',
  );

/**
 * Commands that run to their end, each on a server of its own, which tells in the object store that it began and how it
 * ended. Its word counts, whatever became of it.
 */
export class Commands {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Ready once it ended well. */
  async launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const { servers, reports, swift } = this.#cloud;
    const { signal } = call;
    if (!(await swift.isOffered(signal))) throw noStore();
    const all = await servers.named(serverName(order.mark, 'instance'), signal);
    // After the servers: one that is seen to be off has told all that it ever will.
    const said = await reports.said(order.mark, call);
    const { began, end } = said;
    const server = all.find((one) => (began === undefined ? !isSurplus(one) : one.id === began));
    if (end !== undefined) return this.#over(end, server, order);
    if (server !== undefined && began === undefined && isEnding(server)) throw wasEnded();
    // Of several the one that began is kept; the others begin nothing any more.
    for (const one of all.filter((other) => other !== server)) await servers.removeSurplus(one, signal);
    if (server === undefined && began === undefined) return this.#begin(order, call);
    return this.#wait(server, said, order, call);
  }

  #over(end: NonNullable<Said['end']>, server: Server | undefined, order: LaunchOrder): Reply<Instance> {
    checkEnd(end, order);
    const { settings } = this.#cloud;
    const { effect, generation } = order.mark;
    const address = addressOf(server ?? {}, settings.port) ?? '';
    return ready({ provider: settings.name, id: end.machine, address, effect, generation });
  }

  /** Not before all that an earlier try of it may still run on is gone: a command runs once at a time. */
  async #begin(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const { servers, reports, settings } = this.#cloud;
    const { mark } = order;
    const earlier = (await servers.of(mark.owner, call.signal)).filter(({ metadata = {} }) => {
      const other = markOf(metadata);
      return metadata[key.what] === 'instance' && other?.effect === mark.effect && !isSameMark(other, mark);
    });
    for (const { id } of earlier) await servers.remove(id, call.signal);
    if (earlier.length > 0) return notYet(1_000, 'the server of an earlier try is being removed');
    const data = async (): Promise<Buffer> =>
      runningOnceUserData(
        startingOf(order, settings.port),
        await reports.urls(mark, timesOf(order, this.#begins()), call),
      );
    await makeServer(this.#cloud, order, { data, labels: { [key.once]: 'yes' } }, call);
    return notYet(1_000, 'the server is being made');
  }

  async #wait(server: Server | undefined, said: Said, order: LaunchOrder, call: Call): Promise<Reply<never>> {
    const { servers, settings, reports } = this.#cloud;
    if (server !== undefined && standingOf(server) === 'failed' && said.began === undefined)
      throw failedServer((await servers.get(server.id, call.signal)) ?? server);
    const elapsed = settings.now() - Date.parse(server?.created ?? '');
    const seen = { state: server === undefined ? ('over' as const) : stateOf(server), elapsed };
    const console = async (): Promise<string[]> =>
      server === undefined ? [] : readConsole(await servers.console(server.id, call.signal)).lines;
    return waited({ order, said, seen, begins: this.#begins(), reports, console }, call);
  }

  /** A server has `boot` to be made, which takes as long as its host has to fetch the image, and again to begin. */
  #begins(): Millis {
    return 2 * this.#cloud.settings.boot;
  }

  /** What was told goes after the server that tells it. */
  async remove(id: string, call: Call): Promise<Reply<void>> {
    const { servers, reports } = this.#cloud;
    const mark = await reports.find(id, call);
    if (mark === undefined) return ready(undefined);
    if ((await servers.named(serverName(mark, 'instance'), call.signal)).length > 0)
      return notYet(500, 'its server is there');
    await reports.remove(id, call);
    return ready(undefined);
  }
}

function stateOf(server: Server): CommandMachine['state'] {
  const standing = standingOf(server);
  switch (standing) {
    case 'made':
      return 'starting';
    case 'on':
      return 'on';
    case 'going':
      return 'ending';
    case 'off':
    case 'failed':
      return 'over';
  }
}
