import { ProviderError } from '../provider.ts';
import type { Task } from './contract.ts';
import { asWanted, countersOf } from './traffic.ts';
import { limitFailure, whileProbing } from './while-probing.ts';

/** Requests of Bakery's own at least, from before the shift until after it. */
const atLeast = 6;

/** Sets all weights of a slot in one step, reads them back, and measures what users meet meanwhile. */
export const shift: Task<'shift'> = {
  kind: 'shift',
  async run(input, tools, call) {
    const { frontend, weights, epoch, measure } = input;
    const balancer = tools.balancer(input.balancer);
    const parts = { balancer, tools, call };
    const { value: members, probes } = await whileProbing(input, parts, atLeast, async () => {
      await balancer.shift(frontend, weights, epoch, call);
      return (await balancer.members(frontend, call)).members;
    });
    if (!asWanted(members, weights))
      throw new ProviderError(
        'unexpected state',
        `The weights of ${frontend.slot} read back differ from what was set: ${members
          .map((member) => `${member.instance} ${member.weight}`)
          .join(', ')}. Somebody else changes this slot. Look at the balancer, then retry.`,
      );
    const failure = measure && probes && limitFailure(measure, probes, { requests: 0, failed: 0 });
    if (failure !== undefined) return failure;
    return { is: 'done', result: { ...countersOf(members), ...(probes === undefined ? {} : { probes }) } };
  },
};
