import type { Balancer, SlotTraffic } from '../../pipeline/balancer.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { notYet, ready } from '../../pipeline/provider.ts';
import type { Wire } from './request.ts';

/** The balancer of the faulty cloud. */
export function faultyBalancer(wire: Wire, now: () => At, name = 'faulty'): Balancer {
  // Answers are the cloud's own, in the shapes of its requests.
  const ask = <T>(...given: Parameters<Wire['ask']>): Promise<T> => wire.ask(...given) as Promise<T>;
  return {
    name,
    members: (frontend, call) => ask<SlotTraffic>({ do: 'members', frontend }, call),
    attach: async (frontend, instance, { path }, epoch, call) => {
      call.ensureTime(wire.limit);
      await ask({ do: 'attach', frontend, instance, path, epoch }, call);
    },
    shift: (frontend, weights, epoch, call) => {
      call.ensureTime(wire.limit);
      return ask<SlotTraffic>({ do: 'shift', frontend, weights, epoch }, call);
    },
    drain: async (frontend, instance, deadline, epoch, call) => {
      call.ensureTime(wire.limit);
      const { inFlight } = await ask<{ inFlight: number }>({ do: 'drain', frontend, instance, epoch }, call);
      return inFlight === 0 || now() >= deadline ? ready(undefined) : notYet(200);
    },
    detach: async (frontend, instance, epoch, call) => {
      call.ensureTime(wire.limit);
      await ask({ do: 'detach', frontend, instance, epoch }, call);
    },
    frontDoor: async ({ port }) => `http://127.0.0.1:${port}`,
    shiftScript: () => [],
  };
}
