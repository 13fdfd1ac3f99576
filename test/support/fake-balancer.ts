import { pick } from '../../src/balancers/embedded/pick.ts';
import { attached, detached, drained, type SavedSlot, shifted } from '../../src/balancers/rules.ts';
import type { Balancer, Member, SlotTraffic } from '../../src/pipeline/balancer.ts';
import type { Frontend } from '../../src/pipeline/domain/task.ts';
import { notYet, ready } from '../../src/pipeline/provider.ts';

export interface FakeBalancer extends Balancer {
  /** What the fake's own checks say of an instance; healthy unless told otherwise. */
  setHealth(instance: string, health: Member['health']): void;
  /** One request; returns who answered, or undefined for nobody. */
  send(slot: string): string | undefined;
  /** One request that stays in flight until it is finished. */
  begin(slot: string): { instance: string; finish(): void };
  /** Adds to an instance's counters. */
  count(instance: string, requests: number, failed: number): void;
  /** Changes a slot behind Bakery's back. */
  meddle(slot: string, change: (saved: SavedSlot) => SavedSlot): void;
}

interface Running {
  health: Member['health'];
  inFlight: number;
  requests: number;
  failed: number;
  turn: number;
}

/** A balancer in memory that passes the contract: the same rules as the embedded one, without a network. */
export function fakeBalancer(now: () => number = Date.now): FakeBalancer {
  const slots = new Map<string, SavedSlot>();
  const running = new Map<string, Running>();

  const run = (instance: string): Running => {
    const known = running.get(instance) ?? {
      health: 'healthy',
      inFlight: 0,
      requests: 0,
      failed: 0,
      turn: 0,
    };
    running.set(instance, known);
    return known;
  };
  const read = ({ slot, port }: Frontend): SavedSlot =>
    slots.get(slot) ?? { slot, port, epoch: 0, members: [] };
  const traffic = (saved: SavedSlot): SlotTraffic => ({
    frontend: { slot: saved.slot, port: saved.port },
    epoch: saved.epoch,
    members: saved.members.map(({ instance, address, weight, draining }) => {
      const { health, inFlight, requests, failed } = run(instance);
      return { instance, address, weight, health, draining, inFlight, requests, failed };
    }),
  });
  const healthy = (saved: SavedSlot): Set<string> =>
    new Set(saved.members.map((member) => member.instance).filter((id) => run(id).health === 'healthy'));
  const change = (
    frontend: Frontend,
    rule: (saved: SavedSlot, ok: Set<string>) => SavedSlot,
  ): SlotTraffic => {
    const saved = read(frontend);
    const next = rule(saved, healthy(saved));
    slots.set(frontend.slot, next);
    return traffic(next);
  };
  const begin = (slot: string): { instance: string; finish(): void } => {
    const candidates = read({ slot, port: 0 }).members.map((member) =>
      Object.assign(run(member.instance), {
        instance: member.instance,
        weight: member.weight,
        draining: member.draining,
      }),
    );
    const chosen = pick(candidates, new Set());
    if (!chosen) throw new Error(`nobody serves ${slot}`);
    chosen.inFlight += 1;
    const finish = (): void => {
      chosen.inFlight -= 1;
      chosen.requests += 1;
    };
    return { instance: chosen.instance, finish };
  };

  return {
    name: 'fake',
    members: async (frontend) => traffic(read(frontend)),
    async attach(frontend, instance, health, epoch) {
      change(frontend, (saved) => attached(saved, instance, health.path, epoch));
    },
    shift: async (frontend, weights, epoch) =>
      change(frontend, (saved, ok) => shifted(saved, weights, ok, epoch)),
    async drain(frontend, instance, deadline, epoch) {
      change(frontend, (saved) => drained(saved, instance, epoch));
      return run(instance).inFlight === 0 || now() >= deadline ? ready(undefined) : notYet(200);
    },
    async detach(frontend, instance, epoch) {
      change(frontend, (saved, ok) => detached(saved, instance, ok, epoch));
    },
    frontDoor: async ({ port }) => `http://127.0.0.1:${port}`,
    shiftScript: () => [`fail 'A balancer in memory has no script.'`],
    setHealth(instance, health) {
      run(instance).health = health;
    },
    begin,
    send(slot) {
      try {
        const { instance, finish } = begin(slot);
        finish();
        return instance;
      } catch {
        return undefined;
      }
    },
    count(instance, requests, failed) {
      const counters = run(instance);
      counters.requests += requests;
      counters.failed += failed;
    },
    meddle: (slot, rule) => void slots.set(slot, rule(read({ slot, port: 0 }))),
  };
}
