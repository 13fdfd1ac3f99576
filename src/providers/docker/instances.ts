import type { Container, ContainerInspectInfo } from 'dockerode';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { HealthCheck } from '../../pipeline/domain/service-file.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import {
  type Call,
  type InstanceReport,
  type LaunchOrder,
  type Marked,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { patienceOfLaunch, shortly } from '../../pipeline/shortly.ts';
import { commandFailure, tookTooLong } from '../command-failure.ts';
import { buildVolumes } from './builds/build-volumes.ts';
import { keepRunning } from './container.ts';
import { endings } from './endings.ts';
import type { Engine } from './engine.ts';
import type { Engines } from './engines.ts';
import { isGone, isTaken, removed, unlessGone } from './faults.ts';
import { whyUnwell } from './health.ts';
import { isImageId } from './image-names.ts';
import type { Images } from './images.ts';
import { label, markOf } from './labels.ts';
import { Launching } from './launching.ts';
import { lastLines } from './output.ts';
import type { DockerSettings } from './settings.ts';
import { endOf, standingOf } from './state.ts';

const effectTime: Millis = 3_000;
const lookAgain: Millis = 150;
const shownLines = 40;

/** The next look at something that began `elapsed` ms ago: at most a quarter of its time too late, and at most 1 s. */
const soonAgain = (elapsed: Millis): Millis => Math.min(1_000, 25 + Math.max(0, elapsed) / 4);

const isKept = ({ HostConfig }: ContainerInspectInfo): boolean =>
  HostConfig.RestartPolicy?.Name === keepRunning.RestartPolicy.Name;

/** The containers of all engines. */
export class Instances {
  readonly #name: string;
  readonly #engines: Engines;
  readonly #images: Images;
  readonly #launching: Launching;
  readonly #now: () => number;

  constructor(name: string, engines: Engines, images: Images, settings: DockerSettings) {
    this.#name = name;
    this.#engines = engines;
    this.#images = images;
    this.#launching = new Launching(settings, images);
    this.#now = settings.now;
  }

  async launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const engine = this.#engines.for(order.mark, order.spec);
    const begun = await this.#launching.begin(order, engine, call);
    if (begun === undefined) return notYet(lookAgain, 'another copy of this launch is at work');
    const container = engine.docker.getContainer(begun.Id);
    const instance = this.#instanceOf(engine, begun.Name.slice(1), begun.Config.Labels);
    if (instance === undefined) throw new Error('A container of ours without our mark.');
    if (order.spec.once === true) return this.#lookForEnd(instance, begun, container, order, call);
    let because: string | undefined = 'it has not answered yet';
    const since = Number(begun.Config.Labels[label.launched]);
    let first: ContainerInspectInfo | undefined = begun;
    const over = await shortly(
      async () => {
        const seen = first ?? (await container.inspect());
        first = undefined;
        if (standingOf(seen) !== 'runs') return seen;
        because = await whyUnwell(seen, instance.address, order.spec.health, call.signal);
        return because === undefined ? seen : undefined;
      },
      call.signal,
      patienceOfLaunch(this.#now() - since),
    );
    if (over !== undefined && standingOf(over) !== 'runs')
      throw await failed('exited', container, `The instance ${endOf(over)} before it was healthy.`);
    if (over !== undefined) {
      if (!isKept(over)) await container.update(keepRunning);
      return ready(instance);
    }
    const elapsed = this.#now() - since;
    if (elapsed > order.spec.health.within) {
      const sentence = `The instance was not healthy within ${order.spec.health.within / 1000} s: ${because}.`;
      throw await failed('unhealthy', container, sentence);
    }
    return notYet(soonAgain(elapsed), because);
  }

  /** Ready once it ended with exit code 0. */
  async #lookForEnd(
    instance: Instance,
    { Config }: ContainerInspectInfo,
    container: Container,
    { spec }: LaunchOrder,
    call: Call,
  ): Promise<Reply<Instance>> {
    const over = await shortly(async () => {
      const seen = await container.inspect();
      return standingOf(seen) === 'ended' ? seen : undefined;
    }, call.signal);
    const elapsed = this.#now() - Number(Config.Labels[label.launched]);
    if (over === undefined && elapsed <= spec.health.within)
      return notYet(soonAgain(elapsed), 'it is at work');
    if (over?.State.ExitCode === 0 && over.State.Error === '') return ready(instance);
    const how = over === undefined ? tookTooLong(spec.health.within) : endOf(over);
    const lines = await lastLines(container, shownLines);
    throw commandFailure(over === undefined ? 'timeout' : 'exited', how, lines);
  }

  async inspect(
    { id, address }: Instance,
    health: Pick<HealthCheck, 'path' | 'by'>,
    call: Call,
  ): Promise<InstanceReport> {
    const [found] = await this.#find(id);
    if (found === undefined) return { state: 'gone', healthy: false, because: 'it is not there' };
    const standing = standingOf(found.seen);
    if (standing === 'ended') return { state: 'exited', healthy: false, because: `it ${endOf(found.seen)}` };
    if (standing === 'going') return { state: 'gone', healthy: false, because: 'it is being removed' };
    if (standing === 'made') return { state: 'starting', healthy: false, because: 'it is not started yet' };
    const because = await whyUnwell(found.seen, address, health, call.signal);
    if (because === undefined) return { state: 'running', healthy: true };
    return { state: isKept(found.seen) ? 'running' : 'starting', healthy: false, because };
  }

  async logs(id: string, lines: number): Promise<string[]> {
    const [found] = await this.#find(id);
    return found === undefined ? [] : lastLines(found.container, lines);
  }

  async terminate(id: string, grace: Millis, call: Call): Promise<Reply<void>> {
    if (isImageId(id)) {
      call.ensureTime(effectTime);
      for (const engine of this.#engines.all) await this.#images.dropUnnamed(engine, id);
      return ready(undefined);
    }
    const replies: Reply<void>[] = [];
    for (const { engine, container, seen } of await this.#find(id)) {
      call.ensureTime(effectTime);
      replies.push(await this.#end(engine, container, seen, grace, call));
    }
    for (const engine of this.#engines.all)
      if (!(await buildVolumes.remove(engine, id)))
        replies.push(notYet(lookAgain, 'a container of its build is still there'));
    return replies.find((reply) => !reply.ready) ?? ready(undefined);
  }

  /** All that carries this owner's mark and is no image: instances, and what bakes and builds left half done. */
  async list(owner: string): Promise<Marked[]> {
    const found: Marked[] = [];
    for (const engine of this.#engines.all) {
      await endings.forget(engine, this.#now());
      const filters = { label: [`${label.owner}=${owner}`] };
      for (const { Names, Labels } of await engine.docker.listContainers({ all: true, filters })) {
        const id = Names[0]?.slice(1) ?? '';
        const mark = markOf(Labels);
        if (mark === undefined) continue;
        const instance = Labels[label.what] === 'instance' ? this.#instanceOf(engine, id, Labels) : undefined;
        if (instance === undefined) found.push({ what: 'builder', id, mark });
        else found.push({ what: 'instance', id, mark, instance });
      }
      found.push(...(await buildVolumes.of(engine, owner)));
    }
    return found;
  }

  /** Told to end, then ended by force after its grace, then removed with all that was its own. */
  async #end(
    engine: Engine,
    container: Container,
    seen: ContainerInspectInfo,
    grace: Millis,
    call: Call,
  ): Promise<Reply<void>> {
    const isInstance = seen.Config.Labels[label.what] === 'instance';
    const now = this.#now();
    const owner = seen.Config.Labels[label.owner] ?? '';
    const since = isInstance ? await endings.tell(engine, seen.Name.slice(1), owner, now) : 0;
    const elapsed = now - since;
    const runs = seen.State.Running && isInstance;
    if (runs && elapsed < grace) {
      if (isKept(seen)) await unlessGone(container.update({ RestartPolicy: { Name: 'no' } }));
      // Once only: many programs take a second one for impatience. A worker killed right here leaves it to the grace.
      if (since === now) await signal(container, 'SIGTERM');
      const over = await shortly(async () => {
        const left = await unlessGone(container.inspect());
        return left?.State.Running === true ? undefined : true;
      }, call.signal);
      if (over !== true)
        return notYet(
          Math.min(soonAgain(elapsed), Math.max(25, grace - elapsed)),
          'it is finishing its requests',
        );
    }
    await removed(container.remove({ force: true, v: true }));
    await this.#images.dropUnnamed(engine, seen.Image);
    return ready(undefined);
  }

  /** On whichever engines it is; an engine that cannot be reached is an error, never an absence. */
  async #find(id: string): Promise<{ engine: Engine; container: Container; seen: ContainerInspectInfo }[]> {
    const found = await Promise.all(
      this.#engines.all.map(async (engine) => {
        const container = engine.docker.getContainer(id);
        const seen = await unlessGone(container.inspect());
        return seen === undefined || markOf(seen.Config.Labels) === undefined
          ? []
          : [{ engine, container, seen }];
      }),
    );
    return found.flat();
  }

  #instanceOf(engine: Engine, id: string, labels: Record<string, string>): Instance | undefined {
    const mark = markOf(labels);
    if (mark === undefined) return undefined;
    const { effect, generation } = mark;
    const address = engine.addressOf(Number(labels[label.port]));
    return { provider: this.#name, id, address, effect, generation };
  }
}

async function failed(
  fault: 'exited' | 'unhealthy',
  container: Container,
  what: string,
): Promise<ProviderError> {
  const lines = await lastLines(container, shownLines);
  return new ProviderError(fault, `${what} It got no traffic. Its last lines of output say more.`, { lines });
}

/** Not running any more is fine. */
async function signal(container: Container, name: string): Promise<void> {
  try {
    await container.kill({ signal: name });
  } catch (error) {
    if (!isGone(error) && !isTaken(error)) throw error;
  }
}
