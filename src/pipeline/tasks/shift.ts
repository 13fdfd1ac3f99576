import { ProviderError } from '../provider.ts';
import type { Task } from './contract.ts';
import { asWanted, countersOf } from './traffic.ts';

/** Sets all weights of a slot in one step and reads them back. */
export const shift: Task<'shift'> = {
  kind: 'shift',
  async run({ balancer: name, frontend, weights, epoch }, tools, call) {
    const balancer = tools.balancer(name);
    await balancer.shift(frontend, weights, epoch, call);
    const { members } = await balancer.members(frontend, call);
    if (!asWanted(members, weights))
      throw new ProviderError(
        'unexpected state',
        `The weights of ${frontend.slot} read back differ from what was set: ${members
          .map((member) => `${member.instance} ${member.weight}`)
          .join(', ')}. Somebody else changes this slot. Look at the balancer, then retry.`,
      );
    return { is: 'done', result: countersOf(members) };
  },
};
