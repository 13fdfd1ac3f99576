import type { Instance } from '../domain/instance.ts';
import { ProviderError } from '../provider.ts';
import { shortly } from '../shortly.ts';
import type { Task } from './contract.ts';

/** Milliseconds until the next look: soon at first, since a healthy instance takes no time. */
const soonest = 50;
const latest = 1_000;

/** Puts instances behind the balancer at weight 0; done when the balancer calls all of them healthy. */
export const admit: Task<'admit'> = {
  kind: 'admit',
  async run({ balancer: name, frontend, instances, health, epoch }, tools, call) {
    const balancer = tools.balancer(name);
    const before = await balancer.members(frontend, call);
    for (const instance of instances) {
      const there = before.members.find((one) => one.instance === instance.id);
      // An attach also raises the slot's epoch, so that whoever was there before cannot come back in between.
      if (before.epoch === epoch && there?.address === instance.address) continue;
      await balancer.attach(frontend, instance, health, epoch, call);
    }
    let waiting: Instance[] = [];
    const all = await shortly(
      async () => {
        const { members } = await balancer.members(frontend, call);
        waiting = instances.filter(
          ({ id }) => members.find((one) => one.instance === id)?.health !== 'healthy',
        );
        return waiting.length === 0 ? true : undefined;
      },
      call.signal,
      tools.pause,
    );
    if (all === true) return { is: 'done', result: {} };

    const names = waiting.map(({ id }) => id).join(', ');
    const since = waitingSince(call.known) ?? tools.now();
    if (tools.now() - since >= health.within)
      throw new ProviderError(
        'unhealthy',
        `The balancer does not call ${names} healthy: ${health.path} did not pass its checks for ${health.within / 1000} s. No traffic was moved. See the log of the instance, then retry.`,
      );
    const note = `${instances.length - waiting.length} of ${instances.length} healthy in the balancer`;
    const again = Math.min(latest, soonest + (tools.now() - since) / 4);
    return { is: 'not yet', again, known: { since }, note };
  },
};

/** Without the hint the wait begins anew; the task's own deadline ends it then. */
function waitingSince(known: unknown): number | undefined {
  if (typeof known !== 'object' || known === null || !('since' in known)) return undefined;
  return typeof known.since === 'number' ? known.since : undefined;
}
