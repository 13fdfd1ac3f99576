import type { SlotTraffic } from '../../pipeline/balancer.ts';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { type Call, notYet, ProviderError, type Reply, ready } from '../../pipeline/provider.ts';
import { attached, type Healthy, type SavedSlot } from '../rules.ts';
import { booked, epochIn, slotTag } from './book.ts';
import { weightsIn } from './forward.ts';
import type { ElasticLoadBalancer } from './load-balancer.ts';
import { Move } from './move.ts';
import { keyOf, letterOf } from './names.ts';
import type { Group, Letter } from './objects.ts';
import { broughtTogether, seatsFor } from './seats.ts';
import type { ElbSettings } from './settings.ts';
import { healthOf, isFinishing, memberOf, membersIn, type View } from './view.ts';

/** A change of a slot, as a pure function. */
export type Rule = (slot: SavedSlot, healthy: Healthy) => SavedSlot;

/** Milliseconds until the next look at a target that finishes. */
const lookAgain = 1_000;

/** One slot during one call: a listener, the target groups of its rule, and their targets. */
export class ElbSlot {
  readonly #balancer: ElasticLoadBalancer;
  readonly #settings: ElbSettings;
  readonly #frontend: Frontend;
  readonly #call: Call;
  readonly #now: () => At;

  constructor(
    balancer: ElasticLoadBalancer,
    settings: ElbSettings,
    frontend: Frontend,
    call: Call,
    now: () => At,
  ) {
    this.#balancer = balancer;
    this.#settings = settings;
    this.#frontend = frontend;
    this.#call = call;
    this.#now = now;
  }

  async traffic(): Promise<SlotTraffic> {
    const { tags, groups, members } = await this.#look();
    return {
      frontend: this.#frontend,
      epoch: epochIn(tags),
      members: members.map((one) => memberOf(groups, one)),
    };
  }

  async attach(instance: Instance, path: string, epoch: number): Promise<void> {
    const newcomer = { key: keyOf(this.#settings.targets, instance.id, instance.address), epoch };
    if (this.#settings.targets === 'instance' && !/^i-[0-9a-f]{8,17}$/.test(instance.id))
      throw new ProviderError(
        'bad settings',
        `${instance.id} is no EC2 instance, and the targets of this load balancer are instances. Nothing was changed; set \`targets: ip\` in bot.yaml, or use the provider aws.`,
      );
    const rule: Rule = (slot) => attached(slot, instance, path, epoch);
    const before = await this.#opened(path, epoch);
    const wanted = rule(this.#saved(before), new Set());
    const together = broughtTogether(before.members);
    const view = together === undefined ? before : await this.#become(before, together, wanted.epoch);
    const seats = seatsFor(wanted.members, view.members, view.groups, newcomer, this.#now());
    const { letter } = seats.find((one) => one.instance === instance.id) ?? {};
    await this.#become(view, seats, wanted.epoch, letter === undefined ? undefined : { letter, path });
  }

  /** Decides, then does. When the rule throws, nothing has changed. */
  async change(rule: Rule): Promise<SlotTraffic> {
    const view = await this.#look();
    const healthy = view.members.filter(
      // One that drains is registered again before it gets weight, and waited for.
      (one) => one.draining || healthOf(view.groups, one) === 'healthy',
    );
    const wanted = rule(this.#saved(view), new Set(healthy.map(({ instance }) => instance)));
    const nobody = { key: '', epoch: wanted.epoch };
    const seats = seatsFor(wanted.members, view.members, view.groups, nobody, this.#now());
    const { tags, groups, members } = await this.#become(view, seats, wanted.epoch);
    return {
      frontend: this.#frontend,
      epoch: epochIn(tags),
      members: members.map((one) => memberOf(groups, one)),
    };
  }

  /** Ready when the load balancer lists it no more: until then it may answer what it had begun. */
  async drain(instance: string, deadline: At): Promise<Reply<void>> {
    const { groups, members } = await this.#look();
    const member = members.find((one) => one.instance === instance);
    if (member === undefined || !isFinishing(groups, member) || this.#now() >= deadline)
      return ready(undefined);
    const left = Math.min(lookAgain, deadline - this.#now());
    return notYet(left, `the load balancer lets ${instance} finish`);
  }

  /** The slot with its listener and the first two groups, so that the rule has weights from the start. */
  async #opened(path: string, epoch: number): Promise<View> {
    const before = await this.#look();
    if (before.listener !== undefined) return before;
    const groups: Group[] = [];
    for (const letter of ['a', 'b'] as const)
      groups.push(await this.#balancer.makeGroup(this.#frontend, letter, path, this.#call));
    await this.#balancer.open(this.#frontend, groups, epoch, this.#call);
    // Whoever came first is found, with the epoch that it wrote down.
    const after = await this.#look();
    if (after.listener !== undefined) return after;
    throw new ProviderError(
      'busy',
      `The listener of ${this.#frontend.slot} is not shown yet. Bakery tries again.`,
    );
  }

  async #become(
    view: View,
    seats: View['members'],
    epoch: number,
    asked?: { letter: Letter; path: string },
  ): Promise<View> {
    const move = new Move(this.#balancer, this.#settings, this.#frontend, this.#call);
    if (!(await move.run(view, seats, epoch, asked))) return view;
    const after = await this.#look();
    if (epochIn(after.tags) > epoch)
      throw new ProviderError(
        'fenced',
        `${this.#frontend.slot} was changed under epoch ${epochIn(after.tags)} meanwhile, and this change is of epoch ${epoch}. The newer deployment goes on, and puts right what differs.`,
      );
    return after;
  }

  #saved({ tags, members }: View): SavedSlot {
    const { slot, port } = this.#frontend;
    return { slot, port, epoch: epochIn(tags), members };
  }

  async #look(): Promise<View> {
    const { slot, port } = this.#frontend;
    const listener = await this.#balancer.listener(this.#frontend, this.#call);
    if (listener === undefined) return { listener, tags: {}, groups: [], members: [] };
    const [tags, groups] = await Promise.all([
      this.#balancer.tags(listener.ListenerArn ?? '', this.#call),
      this.#groupsOf(weightsIn(listener.DefaultActions ?? [])),
    ]);
    if (tags[slotTag] !== slot)
      throw new ProviderError(
        'port in use',
        `Port ${port} of the load balancer has a listener of ${tags[slotTag] ?? 'somebody else'}. Nothing was changed; choose another port for ${slot}, or tag the listener ${slotTag}=${slot} to hand it to Bakery.`,
      );
    const { targets } = this.#settings;
    const written = booked(tags, (instance, address) => keyOf(targets, instance, address));
    return { listener, tags, ...membersIn(groups, written) };
  }

  async #groupsOf(weights: ReadonlyMap<string, number>): Promise<Group[]> {
    const { LoadBalancerArn } = await this.#balancer.itself(this.#call);
    const found = await this.#balancer.groups([...weights.keys()], this.#call);
    const own = found.flatMap(({ TargetGroupArn: arn = '', TargetGroupName: name = '', HealthCheckPath }) => {
      const letter = letterOf(name, LoadBalancerArn, this.#frontend.slot);
      return letter === undefined ? [] : [{ letter, arn, path: HealthCheckPath ?? '' }];
    });
    const groups = await Promise.all(
      own.map(async (one): Promise<Group> => {
        const targets = await this.#balancer.targets(one.arn, this.#call);
        const given = weights.get(one.arn) ?? 0;
        return { ...one, weight: given, given, targets };
      }),
    );
    return groups.sort((one, other) => (one.letter < other.letter ? -1 : 1));
  }
}
