import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, type LaunchOrder, notYet, type Reply, ready } from '../../pipeline/provider.ts';
import { type CommandMachine, checkEnd, timesOf } from '../cloud-init/command-end.ts';
import { soonAgain, waited } from '../cloud-init/command-looks.ts';
import type { CommandReports, Said } from '../cloud-init/command-reports.ts';
import { runningOnceUserData } from '../cloud-init/running-once.ts';
import type { Cloud } from './cloud.ts';
import { type Instances, unknownState } from './instances.ts';
import { isOf, type Launching } from './launching.ts';
import { hadNoRoom, isLive, type Machine, type Machines, stateOf } from './machines.ts';
import { tag } from './tags.ts';

const lookAgain: Millis = 2_000;

interface Parts {
  cloud: Cloud;
  machines: Machines;
  launching: Launching;
  instances: Instances;
  reports: CommandReports;
}

/**
 * Commands that run to their end, each on an instance of its own, which tells in the bucket that it began and how it
 * ended. Its word counts, whatever became of it.
 */
export class Commands {
  readonly #cloud: Cloud;
  readonly #machines: Machines;
  readonly #launching: Launching;
  readonly #instances: Instances;
  readonly #reports: CommandReports;

  constructor({ cloud, machines, launching, instances, reports }: Parts) {
    this.#cloud = cloud;
    this.#machines = machines;
    this.#launching = launching;
    this.#instances = instances;
    this.#reports = reports;
  }

  /** Ready once it ended well. */
  async launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>> {
    const all = await this.#launching.ofEffect(order.mark, call);
    const mine = all.filter(isOf(order.mark));
    // After the machines: one that is seen to be over has told all that it ever will.
    const said = await this.#reports.said(order.mark, call);
    const kept = await this.#keptOf(mine, said, call);
    if (said.end !== undefined) return this.#over(said.end, kept, order);
    // Of several the one that began is kept; the others begin nothing any more.
    for (const { InstanceId = '' } of mine.filter((one) => isLive(one) && one !== kept))
      await this.#machines.end(InstanceId, call);
    if (kept === undefined && said.began === undefined)
      return this.#begin(
        order,
        { earlier: all.filter((one) => !mine.includes(one)), before: mine.length },
        call,
      );
    return this.#wait(kept, said, order, call);
  }

  /** The machine of this command; undefined when there is none, or none but those that EC2 had no room for. */
  async #keptOf(mine: Machine[], { began }: Said, call: Call): Promise<Machine | undefined> {
    if (began === undefined) return mine.find(isLive) ?? mine.find((one) => !hadNoRoom(one));
    return mine.find(({ InstanceId }) => InstanceId === began) ?? this.#machines.one(began, call);
  }

  #over(end: NonNullable<Said['end']>, machine: Machine | undefined, order: LaunchOrder): Reply<Instance> {
    checkEnd(end, order);
    const instance = machine === undefined ? undefined : this.#instances.instanceOf(machine);
    const { effect, generation } = order.mark;
    // EC2 forgets a machine within an hour of its end.
    return ready(
      instance ?? { provider: this.#instances.name, id: end.machine, address: '', effect, generation },
    );
  }

  /** Not before all that an earlier try of it may still run on is gone: a command runs once at a time. */
  async #begin(
    order: LaunchOrder,
    { earlier, before }: { earlier: Machine[]; before: number },
    call: Call,
  ): Promise<Reply<Instance>> {
    const left = earlier.filter((one) => stateOf(one) !== 'terminated');
    for (const { InstanceId: id = '' } of left.filter(isLive)) await this.#machines.end(id, call);
    if (left.length > 0) return notYet(lookAgain, 'the machine of an earlier try is being ended');
    const urls = await this.#reports.urls(
      order.mark,
      timesOf(order, this.#cloud.settings.instances.boot),
      call,
    );
    const userData = runningOnceUserData(this.#launching.starting(order), urls);
    await this.#launching.make(order, before, { userData, tags: { [tag.once]: 'yes' } }, call);
    return notYet(soonAgain(0), 'the machine is starting');
  }

  #wait(machine: Machine | undefined, said: Said, order: LaunchOrder, call: Call): Promise<Reply<never>> {
    const begins = this.#cloud.settings.instances.boot;
    const reports = this.#reports;
    const console = async (): Promise<string[]> => {
      if (machine?.InstanceId === undefined || stateOf(machine) === 'terminated') return [];
      return (await this.#instances.console(machine.InstanceId, call)).lines;
    };
    return waited({ order, said, seen: this.#seen(machine), begins, reports, console }, call);
  }

  #seen(machine: Machine | undefined): CommandMachine {
    const elapsed = this.#cloud.settings.now() - (machine?.LaunchTime?.getTime() ?? 0);
    return { state: machine === undefined ? 'over' : standingOf(machine), elapsed };
  }

  /** What was told goes after the machine that tells it. */
  async remove(id: string, call: Call): Promise<Reply<void>> {
    const mark = await this.#reports.find(id, call);
    if (mark === undefined) return ready(undefined);
    const machines = (await this.#launching.ofEffect(mark, call)).filter(isOf(mark));
    if (machines.some((one) => stateOf(one) !== 'terminated'))
      return notYet(lookAgain, 'its machine is there');
    await this.#reports.remove(id, call);
    return ready(undefined);
  }
}

function standingOf(machine: Machine): CommandMachine['state'] {
  switch (stateOf(machine)) {
    case 'pending':
      return 'starting';
    case 'running':
      return 'on';
    case 'stopping':
    case 'shutting-down':
      return 'ending';
    case 'stopped':
    case 'terminated':
      return 'over';
    default:
      throw unknownState(machine);
  }
}
