import type { Balancer } from '../../pipeline/balancer.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { Call } from '../../pipeline/provider.ts';
import { detached, drained, shifted } from '../rules.ts';
import { isSafe } from './kinds.ts';
import { ElasticLoadBalancer } from './load-balancer.ts';
import { shiftScript } from './script.ts';
import type { ElbSettings } from './settings.ts';
import { ElbSlot } from './slot.ts';

/** An Application or Network Load Balancer, with a listener for each slot and a target group for each weight in it. */
export function elbBalancer(settings: ElbSettings, now: () => number = Date.now): Balancer {
  const balancer = new ElasticLoadBalancer(settings);
  const slotOf = (frontend: Frontend, call: Call): ElbSlot =>
    new ElbSlot(balancer, settings, frontend, call, now);
  return {
    name: 'elb',
    members: (frontend, call) => slotOf(frontend, call).traffic(),
    attach: (frontend, instance, { path }, epoch, call) =>
      slotOf(frontend, call).attach(instance, path, epoch),
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
    async frontDoor(frontend, call) {
      const [{ DNSName }, listener] = await Promise.all([
        balancer.itself(call),
        balancer.listener(frontend, call),
      ]);
      const safe = isSafe(listener?.Protocol) || settings.certificate !== undefined;
      return `${safe ? 'https' : 'http'}://${settings.host ?? DNSName}:${frontend.port}`;
    },
    shiftScript: (order) => shiftScript(settings, order),
  };
}
