import { lookup } from 'node:dns/promises';
import type { Balancer } from '../../pipeline/balancer.ts';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { attached, detached, drained, shifted } from '../rules.ts';
import { Haproxy, type HaproxyOptions } from './haproxy.ts';
import { hostAndPort, nowhere } from './placed.ts';
import { shiftScript } from './script.ts';
import { HaproxySlot, type Rule } from './slot.ts';

/** Milliseconds that one call may take. */
const limit = 8000;

/** A running HAProxy, through its runtime socket. See docs/haproxy.md for what its configuration needs. */
export function haproxyBalancer(options: HaproxyOptions): Balancer {
  const now = options.now ?? Date.now;
  const slotOf = (frontend: Frontend, call: Call): HaproxySlot => {
    call.ensureTime(limit);
    return new HaproxySlot(new Haproxy(options, call.signal), frontend, now);
  };
  return {
    name: 'haproxy',
    members: (frontend, call) => slotOf(frontend, call).members(),
    async expect(frontend, { key, address, path }, until, call) {
      const at = address === undefined ? nowhere : await resolved({ id: key, address });
      await slotOf(frontend, call).expect({ key, at, path }, until);
    },
    async attach(frontend, instance, health, epoch, call) {
      const at = await resolved(instance);
      const rule: Rule = (slot) => attached(slot, instance, health.path, epoch);
      await slotOf(frontend, call).change(rule, new Map([[instance.id, at]]));
    },
    shift: (frontend, weights, epoch, call) =>
      slotOf(frontend, call).change((slot, healthy) => shifted(slot, weights, healthy, epoch)),
    async drain(frontend, instance, deadline, epoch, call) {
      const slot = slotOf(frontend, call);
      await slot.change((saved) => drained(saved, instance, epoch));
      return slot.drain(instance, deadline);
    },
    async detach(frontend, instance, epoch, call) {
      await slotOf(frontend, call).change((slot, healthy) => detached(slot, instance, healthy, epoch));
    },
    frontDoor: async ({ port }) => `http://${options.host ?? '127.0.0.1'}:${port}`,
    shiftScript: (order) => shiftScript(options, order),
  };
}

async function resolved({ id, address }: Pick<Instance, 'id' | 'address'>): Promise<string> {
  const { host, port, resolved } = hostAndPort(address);
  if (resolved) return `${host}:${port}`;
  try {
    return `${(await lookup(host)).address}:${port}`;
  } catch (cause) {
    throw new ProviderError(
      'unreachable',
      `The name ${host} of ${id} cannot be resolved on this machine. Nothing was changed. Look at its provider.`,
      { cause },
    );
  }
}
