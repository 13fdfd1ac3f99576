import { attached, detached, drained, type SavedSlot, shifted } from '../../balancers/rules.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { type Alarm, alarmsOf, pictureOf } from './alarms.ts';
import { type BookedInstance, Books, digestOf, sameEffect, stateOf } from './books.ts';
import { type CloudAnswer, type CloudRequest, isChange } from './request.ts';

/** What kind of cloud this one is. */
export interface Nature {
  /** Whether making takes a token, so that a second copy finds the first one's. */
  tokens: boolean;
  bakeTime: Millis;
  startTime: Millis;
  endTime: Millis;
  /** From attach to the balancer's first check. */
  checkTime: Millis;
  /** How long requests in flight of a draining member take. */
  flightTime: Millis;
}

/** What makes it worse. */
export type Weathering =
  | { do: 'starts hang' | 'starts stay sick' | 'endings hang'; times: number }
  | { do: 'lists lag'; ms: Millis }
  | { do: 'throttle'; nth: number };

/** What is wrong with the cloud now. */
export interface Weather {
  /** Lists show what was so this long ago. */
  listLag: Millis;
  /** Every n-th request is refused as too many; 0: none. */
  throttle: number;
  /** What is made hangs while it starts. */
  stuckStarts: number;
  /** What is made never gets healthy. */
  sickStarts: number;
  /** What is told to end does not. */
  stuckEnds: number;
}

export const fair: Weather = { listLag: 0, throttle: 0, stuckStarts: 0, sickStarts: 0, stuckEnds: 0 };

/**
 * A cloud and a balancer in one that keep their state while all else dies. It acts on one request after the other, at
 * the time it is told; who loses requests and replies on the way is not its business.
 */
export class FaultyCloud {
  readonly books = new Books();
  readonly alarms: Alarm[] = [];
  weather: Weather = { ...fair };
  readonly nature: Nature;
  #made = 0;
  #requests = 0;

  constructor(nature: Nature) {
    this.nature = nature;
  }

  act(request: CloudRequest, now: At): CloudAnswer {
    this.settle(now);
    this.#requests += 1;
    const { throttle } = this.weather;
    if (throttle > 0 && this.#requests % throttle === 0)
      return { fault: 'busy', sentence: 'Too many requests; nothing was done.' };
    const before = isChange(request) ? pictureOf(this.books, now) : undefined;
    try {
      return { value: this.#do(request, now) ?? null };
    } catch (error) {
      if (error instanceof ProviderError) return { fault: error.fault, sentence: error.message };
      throw error;
    } finally {
      if (before !== undefined)
        this.alarms.push(...alarmsOf(before, pictureOf(this.books, now), request, now));
    }
  }

  /** What time alone brings: what was told to end is gone. */
  settle(now: At): void {
    for (const it of this.books.instances.values()) {
      const due = it.endingSince !== undefined && it.endingSince + this.nature.endTime <= now;
      if (due && !it.stuck) it.goneSince ??= now;
    }
  }

  /** All that was wrong is right again; what hung goes on. What died stays dead. */
  heal(now: At): void {
    this.weather = { ...fair };
    for (const it of this.books.there()) {
      it.stuck = false;
      if (it.runsFrom === Number.POSITIVE_INFINITY) it.runsFrom = now;
    }
  }

  /** Something more is wrong until it is healed; times are divided by `haste`. */
  worsen(step: Weathering, haste = 1): void {
    if (step.do === 'starts hang') this.weather.stuckStarts += step.times;
    if (step.do === 'starts stay sick') this.weather.sickStarts += step.times;
    if (step.do === 'endings hang') this.weather.stuckEnds += step.times;
    if (step.do === 'lists lag') this.weather.listLag = step.ms / haste;
    if (step.do === 'throttle') this.weather.throttle = step.nth;
  }

  /** An instance of a service is gone, by no doing of ours. Returns its id. */
  strike(pick: number, now: At, service: string): string | undefined {
    const there = this.books.there(service);
    const it = there[pick % Math.max(1, there.length)];
    if (it === undefined) return undefined;
    it.goneSince = now;
    return it.instance.id;
  }

  #do(request: CloudRequest, now: At): unknown {
    switch (request.do) {
      case 'make image':
        return this.#makeImage(request.order, now);
      case 'make instance':
        return this.#makeInstance(request, now);
      case 'look': {
        const it = this.books.instances.get(request.instance);
        const state = stateOf(it, now);
        return {
          state,
          healthy: this.books.isHealthy(request.instance, now),
          age: it && now - it.madeAt,
          ending: it?.endingSince !== undefined,
        };
      }
      case 'end instance':
        return this.#end(this.books.instances.get(request.instance), now);
      case 'look at image':
        return this.books.images.has(request.image);
      case 'publish image':
        return this.#publish(request.image, now);
      case 'remove image':
        return void this.books.images.delete(request.image);
      case 'list':
        return this.#list(request.owner, now);
      default:
        return this.#balance(request, now);
    }
  }

  #makeImage(order: (CloudRequest & { do: 'make image' })['order'], now: At): unknown {
    const { package: made, recipe, mark } = order;
    const digest = digestOf([made.digest, recipe]);
    const id = `image-${digest.slice(7, 19)}`;
    const known = this.books.images.get(id);
    if (known !== undefined && !known.marks.some((other) => sameEffect(other, mark))) known.marks.push(mark);
    const image = { provider: 'faulty', id, digest, manifest: digestOf(id), size: made.size, reused: false };
    const it = known ?? { image, marks: [mark], readyAt: now + this.nature.bakeTime };
    this.books.images.set(id, it);
    const own = it.marks[0] !== undefined && sameEffect(it.marks[0], mark);
    return { image: { ...it.image, reused: !own }, ready: it.readyAt <= now };
  }

  #publish(id: string, now: At): unknown {
    const it = this.books.images.get(id);
    if (it === undefined) throw new ProviderError('unknown image', `${id} is not there.`);
    it.copy ??= { name: `far/${id}`, readyAt: now + this.nature.bakeTime };
    return { copies: [it.copy.name], ready: it.copy.readyAt <= now };
  }

  #makeInstance({ image, mark }: CloudRequest & { do: 'make instance' }, now: At): unknown {
    const known = this.nature.tokens
      ? [...this.books.instances.values()].find((it) => sameEffect(it.mark, mark))
      : undefined;
    if (known !== undefined) return known.instance;
    if (!this.books.images.has(image)) throw new ProviderError('unknown image', `${image} is not there.`);
    const number = String(++this.#made).padStart(4, '0');
    const id = `i-${number}-${mark.effect}.g${mark.generation}`;
    const { effect, generation } = mark;
    const instance = {
      provider: 'faulty',
      id,
      address: `http://${number}.faulty.invalid`,
      effect,
      generation,
    };
    const stuck = this.#spend('stuckStarts');
    const sick = !stuck && this.#spend('sickStarts');
    const runsFrom = stuck ? Number.POSITIVE_INFINITY : now + this.nature.startTime;
    this.books.instances.set(id, { instance, mark, image, madeAt: now, runsFrom, sick, stuck });
    return instance;
  }

  #end(it: BookedInstance | undefined, now: At): unknown {
    if (it === undefined || it.goneSince !== undefined) return { gone: true };
    if (it.endingSince === undefined && this.#spend('stuckEnds')) it.stuck = true;
    it.endingSince ??= now;
    this.settle(now);
    return { gone: it.goneSince !== undefined };
  }

  #list(owner: string, now: At): unknown {
    const then = now - this.weather.listLag;
    const images = [...this.books.images].flatMap(([id, { marks }]) =>
      marks.map((mark) => ({ what: 'image', id, mark })),
    );
    const instances = [...this.books.instances.values()]
      .filter(({ madeAt, goneSince }) => madeAt <= then && (goneSince ?? Number.POSITIVE_INFINITY) > then)
      .map(({ instance, mark }) => ({ what: 'instance', id: instance.id, mark, instance }));
    return [...images, ...instances].filter(({ mark }) => mark.owner === owner);
  }

  #balance(
    request: Exclude<CloudRequest, { do: `${string} image` | `${string} instance` | 'look' | 'list' }>,
    now: At,
  ) {
    const { frontend } = request;
    const saved = this.books.slot(frontend.slot, frontend.port);
    const healthy = new Set(
      saved.members.map(({ instance }) => instance).filter((id) => this.#passes(saved, id, now)),
    );
    const key = (instance: string): string => `${frontend.slot} ${instance}`;
    switch (request.do) {
      case 'members':
        return this.#traffic(frontend, saved, now);
      case 'attach': {
        if (!saved.members.some(({ instance }) => instance === request.instance.id))
          this.books.attachedAt.set(key(request.instance.id), now);
        this.books.slots.set(frontend.slot, attached(saved, request.instance, request.path, request.epoch));
        return undefined;
      }
      case 'shift': {
        const next = shifted(saved, request.weights, healthy, request.epoch);
        this.books.slots.set(frontend.slot, next);
        for (const { instance, draining } of next.members)
          if (!draining) this.books.drainingSince.delete(key(instance));
        return this.#traffic(frontend, next, now);
      }
      case 'drain': {
        this.books.slots.set(frontend.slot, drained(saved, request.instance, request.epoch));
        if (!saved.members.some(({ instance }) => instance === request.instance)) return { inFlight: 0 };
        const since = this.books.drainingSince.get(key(request.instance)) ?? now;
        this.books.drainingSince.set(key(request.instance), since);
        return { inFlight: this.#inFlight(key(request.instance), now) };
      }
      case 'detach':
        this.books.slots.set(frontend.slot, detached(saved, request.instance, healthy, request.epoch));
        this.books.drainingSince.delete(key(request.instance));
        return undefined;
    }
  }

  #traffic(frontend: Frontend, saved: SavedSlot, now: At): unknown {
    const members = saved.members.map(({ instance, address, weight, draining }) => {
      const since = this.books.attachedAt.get(`${frontend.slot} ${instance}`) ?? now;
      const checked = since + this.nature.checkTime <= now;
      const health = checked ? (this.books.isHealthy(instance, now) ? 'healthy' : 'unhealthy') : 'unknown';
      return {
        instance,
        address,
        weight,
        draining,
        health,
        inFlight: draining ? this.#inFlight(`${frontend.slot} ${instance}`, now) : 0,
        requests: Math.floor((now - since) / 100),
        failed: 0,
      };
    });
    return { frontend, epoch: saved.epoch, members };
  }

  /** Requests that a draining member has got and not answered yet. */
  #inFlight(key: string, now: At): number {
    const since = this.books.drainingSince.get(key);
    return since !== undefined && since + this.nature.flightTime > now ? 1 : 0;
  }

  /** By the balancer's own checks. */
  #passes({ slot }: SavedSlot, id: string, now: At): boolean {
    const since = this.books.attachedAt.get(`${slot} ${id}`) ?? now;
    return since + this.nature.checkTime <= now && this.books.isHealthy(id, now);
  }

  /** Takes one of a number of misfortunes that are left. */
  #spend(what: 'stuckStarts' | 'sickStarts' | 'stuckEnds'): boolean {
    if (this.weather[what] <= 0) return false;
    this.weather[what] -= 1;
    return true;
  }
}
