import type { Instance } from '../../pipeline/domain/instance.ts';
import {
  type Call,
  type LaunchOrder,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { shortly } from '../../pipeline/shortly.ts';
import { askInstance } from '../ask-health.ts';
import { readConsole } from '../cloud-init/console.ts';
import { startingUserData } from '../cloud-init/starting.ts';
import type { Cloud } from './cloud-parts.ts';
import { givenFloating } from './giving-floating.ts';
import { makeServer, wasEnded } from './making.ts';
import { key } from './marks.ts';
import { reachedAt, soonAgain } from './placing.ts';
import { failedServer, isEnding, standingOf } from './server-state.ts';
import { isSurplus, type Server, serverName } from './servers.ts';
import { startingOf } from './start-data.ts';

const shownLines = 40;

/** Makes the server of a mark, or finds it, and waits for its service: one look and one step at each call. */
export class Launching {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  async launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const { servers } = this.#cloud;
    const all = await servers.named(serverName(order.mark, 'instance'), call.signal);
    const [server, ...more] = all.filter((one) => !isSurplus(one));
    if (server === undefined) return this.#begin(order, call);
    if ([server, ...more].some(isEnding)) throw wasEnded();
    // Nova has no token of a client: of two that were made at once the older is kept, by everybody who looks.
    const surplus = all.filter((one) => one !== server);
    for (const one of surplus) await servers.removeSurplus(one, call.signal);
    if (surplus.length > 0) return notYet(500, 'a second copy of it is being removed');
    return this.#look(server, order, call);
  }

  async #begin(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    if (order.spec.health.by === 'image')
      throw new ProviderError(
        'bad service file',
        'health.by is `image`, which containers have and servers have not. Nothing was started; use http or tcp.',
      );
    const data = () => startingUserData(startingOf(order, this.#cloud.settings.port));
    await makeServer(this.#cloud, order, { data, labels: {} }, call);
    return notYet(1_000, 'the server is being made');
  }

  async #look(server: Server, { spec, mark }: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const { settings } = this.#cloud;
    const standing = standingOf(server);
    const elapsed = settings.now() - Date.parse(server.created);
    if (standing === 'failed') throw await this.#gaveUp(server, call);
    if (standing === 'off')
      throw await this.#failed(
        'exited',
        server,
        'The server switched itself off before it was healthy.',
        call,
      );
    if (standing === 'made') return notYet(soonAgain(elapsed), 'the server is being made');
    const floating = await givenFloating(this.#cloud, server.id, mark, call);
    if (floating.is === 'not yet') return notYet(soonAgain(elapsed), floating.note);
    const address = reachedAt(settings, server, floating.address);
    if (address === undefined) return notYet(soonAgain(elapsed), 'the server has no address yet');
    let because: string | undefined;
    const well = await shortly(async () => {
      because = await askInstance(address, spec.health, call.signal);
      return because === undefined ? true : undefined;
    }, call.signal);
    const { effect, generation } = mark;
    if (well === true) return ready({ provider: settings.name, id: server.id, address, effect, generation });
    await this.#checkTime(server, spec.health.within, because ?? '', call);
    return notYet(soonAgain(elapsed), because);
  }

  /** A list of servers does not tell why. */
  async #gaveUp(server: Server, { signal }: Call): Promise<ProviderError> {
    return failedServer((await this.#cloud.servers.get(server.id, signal)) ?? server);
  }

  /** The time of a health check begins when the service is first seen to start; until then the server has its own. */
  async #checkTime(server: Server, within: number, because: string, call: Call): Promise<void> {
    const { servers, settings } = this.#cloud;
    const console = readConsole(await servers.console(server.id, call.signal));
    if (console.ended !== undefined) {
      const sentence = `The service ended by itself ${console.ended} before it was healthy.`;
      throw await this.#failed('exited', server, sentence, call);
    }
    const started = Number(server.metadata?.[key.started]);
    const now = settings.now();
    if (console.started && Number.isNaN(started))
      await servers.tell(server.id, { [key.started]: String(now) }, call.signal);
    if (now - started > within) {
      const sentence = `The instance was not healthy within ${within / 1_000} s: ${because}.`;
      throw await this.#failed('unhealthy', server, sentence, call);
    }
    // Nova writes its times in UTC and does not say so here.
    const launched = Date.parse(`${(server['OS-SRV-USG:launched_at'] ?? '').slice(0, 19)}Z`);
    if (Number.isNaN(started) && now - launched > settings.boot) {
      const sentence = `The server did not start its service within ${settings.boot / 1_000} s: ${because}.`;
      throw await this.#failed('unhealthy', server, sentence, call);
    }
  }

  async #failed(
    fault: 'exited' | 'unhealthy',
    { id }: Server,
    what: string,
    { signal }: Call,
  ): Promise<ProviderError> {
    const { lines } = readConsole(await this.#cloud.servers.console(id, signal));
    return new ProviderError(fault, `${what} It got no traffic. Its last lines of output say more.`, {
      lines: lines.slice(-shownLines),
    });
  }
}
