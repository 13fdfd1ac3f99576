import { setTimeout as pause } from 'node:timers/promises';
import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { epochIn, epochTag, rewritten } from './book.ts';
import { forwarding } from './forward.ts';
import type { ElasticLoadBalancer } from './load-balancer.ts';
import { type Group, givenFor, holds, type Letter, letters, type Seated, weightsOf } from './objects.ts';
import type { ElbSettings } from './settings.ts';
import { healthOf, type View } from './view.ts';

/** Milliseconds between two looks at targets that are to become healthy. */
const between = 250;

/**
 * Brings a slot from how it is to how it is wanted, in an order in which every step may be the last one: what comes is
 * registered and healthy before it gets weight, all weights move in one call, and what goes is let go after that. Whoever
 * does it again goes on from there.
 */
export class Move {
  readonly #balancer: ElasticLoadBalancer;
  readonly #settings: ElbSettings;
  readonly #frontend: Frontend;
  readonly #call: Call;
  #isChanged = false;

  constructor(balancer: ElasticLoadBalancer, settings: ElbSettings, frontend: Frontend, call: Call) {
    this.#balancer = balancer;
    this.#settings = settings;
    this.#frontend = frontend;
    this.#call = call;
  }

  /** `asked` is where the health of a group is asked from now on. False when all was so already. */
  async run(
    view: View,
    seats: readonly Seated[],
    epoch: number,
    asked?: { letter: Letter; path: string },
  ): Promise<boolean> {
    const { listener } = view;
    if (listener === undefined) return false;
    const groups = await this.#grouped(listener, view.groups, seats, asked);
    const arn = listener.ListenerArn ?? '';
    const weights = weightsOf(seats);
    const comes = ({ letter }: Group): boolean => (weights.get(letter) ?? 0) > 0;
    await this.#write(view, [...view.members.filter(isGoing(seats)), ...seats], epoch, arn);
    const idle = groups.filter(({ weight }) => weight === 0);
    const busy = groups.filter(({ weight }) => weight > 0);
    for (const group of groups.filter((one) => comes(one) || one.weight === 0))
      await this.#register(group, seats);
    for (const group of groups) await this.#untilHealthy(group, comes(group), view, seats);
    for (const group of idle) await this.#letGo(group, view, seats);
    await this.#weigh(listener, groups, givenFor(seats));
    for (const group of busy.filter((one) => !comes(one))) await this.#register(group, seats);
    for (const group of busy) await this.#letGo(group, view, seats);
    const { remove } = rewritten(view.tags, seats);
    if (remove.length > 0) await this.#does(this.#balancer.forget(arn, remove, this.#call));
    return this.#isChanged;
  }

  async #does<Value>(change: Promise<Value>): Promise<Value> {
    this.#isChanged = true;
    return change;
  }

  /** The groups that are needed, those that are missing made and named in the rule. */
  async #grouped(
    listener: Listener,
    groups: readonly Group[],
    seats: readonly Seated[],
    asked?: { letter: Letter; path: string },
  ): Promise<Group[]> {
    const path = asked?.path ?? groups[0]?.path ?? '/';
    const all: Group[] = [...groups];
    for (const letter of letters) {
      const isNeeded = seats.some((one) => one.letter === letter);
      if (!isNeeded || groups.some((one) => one.letter === letter)) continue;
      const at = this.#pathOf(seats, groups, letter) ?? path;
      all.push(await this.#does(this.#balancer.makeGroup(this.#frontend, letter, at, this.#call)));
    }
    const changed = all.find((one) => one.letter === asked?.letter && one.path !== asked.path);
    if (changed !== undefined) await this.#does(this.#balancer.askAt(changed, path, this.#call));
    // A group is checked as soon as a rule names it.
    if (all.length > groups.length)
      await this.#does(
        this.#balancer.forward(listener, forwarding(listener.DefaultActions ?? [], all), this.#call),
      );
    return all;
  }

  /** A group that is made for members of another one asks them where that did. */
  #pathOf(seats: readonly Seated[], groups: readonly Group[], letter: Letter): string | undefined {
    const [first] = seats.filter((one) => one.letter === letter);
    return first === undefined ? undefined : groups.find((group) => holds(group, first.key))?.path;
  }

  /** Written down before it is done, so that nothing is there that nobody knows of. */
  async #write({ tags }: View, seats: readonly Seated[], epoch: number, arn: string): Promise<void> {
    const { write } = rewritten(tags, seats);
    const first = epochIn(tags) === epoch ? {} : { [epochTag]: String(epoch) };
    const all = { ...first, ...write };
    if (Object.keys(all).length > 0) await this.#does(this.#balancer.write(arn, all, this.#call));
  }

  async #register(group: Group, seats: readonly Seated[]): Promise<void> {
    const missing = seats.filter(
      (one) => one.letter === group.letter && !one.draining && !holds(group, one.key),
    );
    const keys = missing.map(({ key }) => key);
    if (keys.length > 0) await this.#does(this.#balancer.register(group, keys, this.#call));
  }

  async #letGo(group: Group, view: View, seats: readonly Seated[]): Promise<void> {
    const stays = (key: string): boolean =>
      seats.some((one) => one.key === key && one.letter === group.letter && !one.draining);
    const keys = view.members.map(({ key }) => key).filter((key) => holds(group, key) && !stays(key));
    if (keys.length > 0) await this.#does(this.#balancer.deregister(group, keys, this.#call));
  }

  async #weigh(listener: Listener, groups: Group[], weights: ReadonlyMap<Letter, number>): Promise<void> {
    const wanted = groups.map((one) => ({ ...one, given: weights.get(one.letter) ?? 0 }));
    if (wanted.every(({ given }, index) => given === groups[index]?.given)) return;
    await this.#does(
      this.#balancer.forward(listener, forwarding(listener.DefaultActions ?? [], wanted), this.#call),
    );
  }

  /**
   * A group gets weight only when the load balancer itself calls one of its own healthy; and whoever it called healthy in
   * another group has to be so in this one.
   */
  async #untilHealthy(group: Group, comes: boolean, view: View, seats: readonly Seated[]): Promise<void> {
    const own = seats.filter((one) => one.letter === group.letter && !one.draining).map(({ key }) => key);
    const moved = own.filter((key) =>
      view.members.some(
        (one) => one.key === key && one.letter !== group.letter && healthOf(view.groups, one) === 'healthy',
      ),
    );
    const begins = comes && group.weight === 0;
    // Into a group that loses its weight nobody is put before that.
    const isLater = !comes && group.weight > 0;
    if (!begins && (moved.length === 0 || isLater)) return;
    const deadline = performance.now() + this.#settings.patience;
    for (;;) {
      const targets = await this.#balancer.targets(group.arn, this.#call);
      const healthy = targets.filter(({ state }) => state === 'healthy').map(({ key }) => key);
      const isEnough = !begins || own.some((key) => healthy.includes(key));
      if (isEnough && moved.every((key) => healthy.includes(key))) return;
      if (performance.now() > deadline)
        throw new ProviderError(
          'busy',
          `The load balancer does not call the targets healthy that are to get traffic in ${this.#frontend.slot}. The weights stay as they were; Bakery tries again.`,
        );
      await wait(this.#call);
    }
  }
}

/** Taken out, and still written down until it is done. */
const isGoing =
  (seats: readonly Seated[]) =>
  ({ instance }: Seated): boolean =>
    !seats.some((one) => one.instance === instance);

async function wait({ signal }: Call): Promise<void> {
  try {
    await pause(between, undefined, { signal });
  } catch (cause) {
    throw new ProviderError('aborted', 'Waiting for the load balancer was cancelled.', { cause });
  }
}
