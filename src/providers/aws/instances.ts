import { DescribeInstanceStatusCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
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
import { askInstance } from '../ask-health.ts';
import type { CommandReports } from '../cloud-init/command-reports.ts';
import { type Console, readConsole } from '../cloud-init/console.ts';
import type { Cloud } from './cloud.ts';
import { codeOf, isNoSuchInstance, unless } from './faults.ts';
import type { Images } from './images.ts';
import type { Launching } from './launching.ts';
import { type Machine, type Machines, stateOf } from './machines.ts';
import { markOf, tag, tagValue, withTag } from './tags.ts';

const lookAgain: Millis = 2_000;
const shownLines = 40;

/** The next look at a machine that began `elapsed` ms ago: at most a quarter of its time too late, and at most 5 s. */
const soonAgain = (elapsed: Millis): Millis => Math.min(5_000, 500 + Math.max(0, elapsed) / 4);

interface Parts {
  cloud: Cloud;
  machines: Machines;
  images: Images;
  launching: Launching;
  reports: CommandReports;
}

/** The instances that serve. */
export class Instances {
  readonly name: string;
  readonly #cloud: Cloud;
  readonly #machines: Machines;
  readonly #images: Images;
  readonly #launching: Launching;
  readonly #reports: CommandReports;

  constructor(name: string, { cloud, machines, images, launching, reports }: Parts) {
    this.name = name;
    this.#cloud = cloud;
    this.#machines = machines;
    this.#images = images;
    this.#launching = launching;
    this.#reports = reports;
  }

  async launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    if (order.spec.health.by === 'image')
      throw new ProviderError(
        'bad service file',
        'health.by is `image`, and an image of a machine has no HEALTHCHECK. Nothing was started; use http or tcp.',
      );
    const machine = await this.#launching.begin(order, call);
    if (machine === undefined) return notYet(lookAgain, 'another copy of this launch is at work');
    const id = machine.InstanceId ?? '';
    const elapsed = this.#cloud.settings.now() - (machine.LaunchTime?.getTime() ?? 0);
    switch (stateOf(machine)) {
      case 'pending':
        return notYet(soonAgain(elapsed), `${id} is starting`);
      case 'running':
        break;
      case 'stopping':
      case 'stopped':
        throw await this.#failed(
          'exited',
          id,
          `The instance ${id} was switched off before it was healthy.`,
          call,
        );
      default:
        throw new ProviderError(
          'unexpected state',
          `The instance ${id} is ${stateOf(machine)}: it was ended by somebody else, or EC2 could not start it (${machine.StateReason?.Message ?? 'no reason is told'}). It got no traffic; retry makes a new one.`,
        );
    }
    const instance = this.instanceOf(machine);
    if (instance === undefined) throw new Error('An instance of ours without our mark.');
    const because =
      (await askInstance(instance.address, order.spec.health, call.signal)) ??
      (await this.#unsound(id, call));
    if (because === undefined) return ready(instance);
    const { ended } = await this.console(id, call);
    if (ended !== undefined)
      throw await this.#failed(
        'exited',
        id,
        `The service ended by itself ${ended} before it was healthy.`,
        call,
      );
    const { within } = order.spec.health;
    const { boot } = this.#cloud.settings.instances;
    if (elapsed > boot + within) {
      const sentence = `The instance ${id} was not healthy within ${(boot + within) / 1_000} s, of which ${boot / 1_000} s are for the machine itself: ${because}.`;
      throw await this.#failed('unhealthy', id, sentence, call);
    }
    return notYet(soonAgain(elapsed), because);
  }

  async inspect(
    { id, address }: Instance,
    health: Pick<HealthCheck, 'path' | 'by'>,
    call: Call,
  ): Promise<InstanceReport> {
    const machine = await this.#machines.one(id, call);
    const state = machine === undefined ? 'terminated' : stateOf(machine);
    switch (state) {
      case 'pending':
        return { state: 'starting', healthy: false, because: 'EC2 starts it' };
      case 'running': {
        const because = await askInstance(address, health, call.signal);
        return because === undefined
          ? { state: 'running', healthy: true }
          : { state: 'running', healthy: false, because };
      }
      case 'shutting-down':
        return { state: 'running', healthy: false, because: 'it is finishing its requests' };
      case 'stopping':
      case 'stopped':
        return { state: 'exited', healthy: false, because: `it is ${state}` };
      case 'terminated':
        return { state: 'gone', healthy: false, because: 'it is not there' };
      default:
        throw unknownState({ InstanceId: id, ...machine });
    }
  }

  async logs(id: string, lines: number, call: Call): Promise<string[]> {
    const machine = await this.#machines.one(id, call);
    const mark = markOf(machine?.Tags);
    if (mark !== undefined && tagValue(machine?.Tags, tag.once) !== '')
      return this.#reports.lines(mark, lines, call);
    if (machine === undefined || stateOf(machine) === 'terminated') return [];
    return (await this.console(id, call)).lines.slice(-lines);
  }

  /**
   * EC2 tells the machine's system to shut down, whose unit gives the service its grace (SIGTERM, then by force), and
   * switches it off by force when it takes longer than minutes.
   */
  async terminate(id: string, call: Call): Promise<Reply<void>> {
    if (/(?:^|\/)snap-[0-9a-f]{8,17}$/.test(id)) {
      await this.#images.removeSnapshot(id, call);
      return ready(undefined);
    }
    const machine = await this.#machines.one(id, call);
    if (machine === undefined || markOf(machine.Tags) === undefined) return ready(undefined);
    switch (stateOf(machine)) {
      case 'terminated':
        return ready(undefined);
      case 'shutting-down':
        return notYet(lookAgain, `${id} is shutting down`);
      default:
        await this.#machines.end(id, call);
        return notYet(soonAgain(0), `${id} is shutting down`);
    }
  }

  /** All that carries this owner's mark and is not ended: instances, and builders. */
  async list(owner: string, call: Call): Promise<Marked[]> {
    const machines = await this.#machines.find([withTag(tag.owner, owner)], call);
    return machines.flatMap((machine): Marked[] => {
      const [id, mark] = [machine.InstanceId ?? '', markOf(machine.Tags)];
      if (mark === undefined || stateOf(machine) === 'terminated') return [];
      const instance = this.instanceOf(machine);
      // What bakes and is told to end has nothing to finish: nobody has to do any more about it.
      if (instance === undefined && stateOf(machine) === 'shutting-down') return [];
      return instance === undefined
        ? [{ what: 'builder', id, mark }]
        : [{ what: 'instance', id, mark, instance }];
    });
  }

  /** As what it is known; undefined for what serves nothing. */
  instanceOf(machine: Machine): Instance | undefined {
    const mark = markOf(machine.Tags);
    if (mark === undefined || tagValue(machine.Tags, tag.what) !== 'instance') return undefined;
    const { effect, generation } = mark;
    const address = `http://${machine.PrivateIpAddress}:${this.#cloud.settings.instances.port}`;
    return { provider: this.name, id: machine.InstanceId ?? '', address, effect, generation };
  }

  /** Why EC2's own two checks do not call it sound yet; undefined when they do. */
  async #unsound(id: string, call: Call): Promise<string | undefined> {
    const answer = await unless(
      isNoSuchInstance,
      this.#cloud.ask('ec2:DescribeInstanceStatus', call, (options) =>
        this.#cloud.ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }), options),
      ),
    );
    const [status] = answer?.InstanceStatuses ?? [];
    const [machine, system] = [status?.InstanceStatus?.Status, status?.SystemStatus?.Status];
    if (machine === 'ok' && system === 'ok') return undefined;
    return `EC2's status checks say ${machine ?? 'nothing yet'} of the machine and ${system ?? 'nothing yet'} of its host`;
  }

  /** What it shows of what was started on it. */
  async console(id: string, call: Call): Promise<Console> {
    const read = (latest: boolean) =>
      this.#cloud.ask('ec2:GetConsoleOutput', call, (options) =>
        this.#cloud.ec2.send(
          new GetConsoleOutputCommand({ InstanceId: id, ...(latest ? { Latest: true } : {}) }),
          options,
        ),
      );
    // Only machines of the Nitro kind show theirs as it is written.
    const answer =
      (await unless((error) => codeOf(error) === 'UnsupportedOperation', read(true))) ?? (await read(false));
    return readConsole(Buffer.from(answer.Output ?? '', 'base64').toString('utf8'));
  }

  async #failed(fault: 'exited' | 'unhealthy', id: string, what: string, call: Call): Promise<ProviderError> {
    const { lines } = await this.console(id, call);
    return new ProviderError(fault, `${what} It got no traffic. Its last lines of output say more.`, {
      lines: lines.slice(-shownLines),
    });
  }
}

export const unknownState = (machine: Machine): ProviderError =>
  new ProviderError(
    'unexpected state',
    `The instance ${machine.InstanceId} is ${stateOf(machine)}, which Bakery does not know. Nothing was changed; look at it in the console.`,
  );
