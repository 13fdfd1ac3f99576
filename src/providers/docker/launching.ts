import type { ContainerInspectInfo } from 'dockerode';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';
import { instanceName } from '../instance-name.ts';
import { isSameMark } from '../mark-fields.ts';
import { containerOf } from './container.ts';
import { bringFiles } from './container-files.ts';
import { endings } from './endings.ts';
import type { Engine } from './engine.ts';
import { isGone, isPortTaken, isSoAlready, isTaken, removed, unlessGone } from './faults.ts';
import type { Images } from './images.ts';
import { label, markOf } from './labels.ts';
import { portsFor } from './ports.ts';
import type { DockerSettings } from './settings.ts';
import { standingOf } from './state.ts';

const effectTime: Millis = 3_000;

const wasEnded = (): ProviderError =>
  new ProviderError(
    'unexpected state',
    'This instance was told to end, so it is not started again. Nothing was changed; retry makes a new one.',
  );

/** Makes and starts the container of a mark, or finds it. Its name is what makes it the only one. */
export class Launching {
  readonly #settings: Pick<DockerSettings, 'network' | 'ports' | 'limits' | 'now'>;
  readonly #images: Images;

  constructor(settings: DockerSettings, images: Images) {
    this.#settings = settings;
    this.#images = images;
  }

  /** The one container of this mark: found, adopted or started just now. Undefined while another copy makes it. */
  async begin(order: LaunchOrder, engine: Engine, call: Call): Promise<ContainerInspectInfo | undefined> {
    const name = instanceName(order.mark);
    const [ended, found] = await Promise.all([endings.has(engine, name), this.#find(order, engine)]);
    if (ended) throw wasEnded();
    if (found !== undefined && standingOf(found) !== 'made') return found;
    call.ensureTime(effectTime);
    return found === undefined ? this.#make(order, engine, call) : this.#start(order, found.Id, engine, call);
  }

  async #find(order: LaunchOrder, { docker }: Engine): Promise<ContainerInspectInfo | undefined> {
    const name = instanceName(order.mark);
    const found = await unlessGone(docker.getContainer(name).inspect());
    if (found === undefined || isSameMark(markOf(found.Config.Labels), order.mark)) return found;
    throw new ProviderError(
      'unexpected state',
      `The name ${name} is taken on the engine by a container that is not Bakery's (${found.Id.slice(0, 12)}). Nothing was started and it was left as it is; rename or remove it, then retry.`,
    );
  }

  /** Tries one port after the other; whoever gets the name first makes the container, and the others find it. */
  async #make(order: LaunchOrder, engine: Engine, call: Call): Promise<ContainerInspectInfo | undefined> {
    const [ports] = await Promise.all([
      portsFor(instanceName(order.mark), engine, this.#settings.ports),
      engine.network(this.#settings.network),
      this.#images.bring(order.image, engine, call),
    ]);
    for (const port of ports) {
      call.signal.throwIfAborted();
      const { network, limits, now } = this.#settings;
      const wanted = containerOf(order, { bind: engine.bind, port, network, limits, now: now() });
      const id = await this.#create(wanted, order, engine);
      if (id === undefined) return undefined;
      if (await endings.has(engine, wanted.name)) {
        await removed(engine.docker.getContainer(id).remove({ force: true, v: true }));
        throw wasEnded();
      }
      order.onStarting?.();
      const started = await this.#tryStart(id, order, engine);
      if (started === undefined) continue;
      // Not before: whoever asks at a port whose network is not there yet waits for seconds.
      order.onStarting?.(engine.addressOf(Number(started.Config.Labels[label.port])));
      return started;
    }
    throw new ProviderError(
      'port in use',
      `Each port that was tried on ${engine.address} is taken by something else. It got no traffic; look what listens there, or give the provider other ports.`,
    );
  }

  /** Its id; undefined while another copy has the name and is not done. */
  async #create(
    wanted: ReturnType<typeof containerOf>,
    order: LaunchOrder,
    engine: Engine,
  ): Promise<string | undefined> {
    try {
      return (await engine.docker.createContainer(wanted)).id;
    } catch (error) {
      if (isTaken(error)) {
        const found = await this.#find(order, engine);
        return found?.Id;
      }
      if (isGone(error)) throw this.#images.unknown(order.image);
      throw error;
    }
  }

  async #start(
    order: LaunchOrder,
    id: string,
    engine: Engine,
    call: Call,
  ): Promise<ContainerInspectInfo | undefined> {
    return (await this.#tryStart(id, order, engine)) ?? this.#make(order, engine, call);
  }

  /** Undefined when its port was taken, or it went meanwhile: then it is removed, for another port. */
  async #tryStart(
    id: string,
    { files }: LaunchOrder,
    engine: Engine,
  ): Promise<ContainerInspectInfo | undefined> {
    const container = engine.docker.getContainer(id);
    // Before each start: whoever made the container may have died right then.
    await bringFiles(container, files);
    try {
      await container.start();
    } catch (error) {
      if (isPortTaken(error)) {
        await removed(container.remove({ force: true, v: true }));
        return undefined;
      }
      // A program that is not there ends at once: the engine keeps the container, and the reason in it.
      engine.forgetNetwork(this.#settings.network);
      const seen = await unlessGone(container.inspect());
      if (!isSoAlready(error) && (seen === undefined || seen.State.Error === '')) throw error;
    }
    return unlessGone(container.inspect());
  }
}
