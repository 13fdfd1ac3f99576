import type { Balancer } from '../../pipeline/balancer.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { Call } from '../../pipeline/provider.ts';
import { tagsOf } from '../../providers/openstack/marks.ts';
import type { Session } from '../../providers/openstack/session.ts';
import { sessionOf } from '../../providers/openstack/session-of.ts';
import { attached, detached, drained, shifted } from '../rules.ts';
import { Octavia } from './octavia.ts';
import { shiftScript } from './script.ts';
import type { OctaviaSettings } from './settings.ts';
import { OctaviaSlot } from './slot.ts';

/** Milliseconds that one call may take. */
const limit = 8_000;

/** A load balancer of Octavia's, with a listener and a pool for each slot. */
export function octaviaBalancer(
  settings: OctaviaSettings,
  session: Session = sessionOf(settings),
  now: () => number = Date.now,
): Balancer {
  const octavia = new Octavia(session, settings.loadBalancer);
  const { check, subnet, statistics } = settings;
  const slotOf = (frontend: Frontend, call: Call): OctaviaSlot => {
    call.ensureTime(limit);
    return new OctaviaSlot(octavia, frontend, { check, subnet, statistics, now }, call);
  };
  return {
    name: 'octavia',
    members: (frontend, call) => slotOf(frontend, call).traffic(),
    async attach(frontend, instance, { path }, epoch, call) {
      const { id, mark, provider } = instance;
      const marked = mark === undefined ? {} : { [id]: tagsOf(mark, provider) };
      await slotOf(frontend, call).change((slot) => attached(slot, instance, path, epoch), { path, marked });
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
    async frontDoor({ port }, call) {
      if (settings.host !== undefined) return `http://${settings.host}:${port}`;
      const { vip_address: vip } = await (await octavia.changing(call)).look(call);
      return `http://${vip.includes(':') ? `[${vip}]` : vip}:${port}`;
    },
    shiftScript: (order) => shiftScript(settings, order),
  };
}
