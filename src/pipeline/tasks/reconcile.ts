import type { Task } from './contract.ts';

/** Reads what the clouds and the balancers really have of a service. Changes nothing. */
export const reconcile: Task<'reconcile'> = {
  kind: 'reconcile',
  async run({ service, owner, providers, slots }, tools, call) {
    const found = [];
    for (const name of providers) found.push(...(await tools.provider(name).list(owner, call)));
    const seen = [];
    for (const { environment, balancer, frontend } of slots) {
      const { epoch, members } = await tools.balancer(balancer).members(frontend, call);
      const weights = members.map(({ instance, weight }) => ({ instance, weight }));
      seen.push({ environment, epoch, members: weights });
    }
    const own = found.filter(({ mark }) => mark.service === service);
    return { is: 'done', result: { found: own, slots: seen } };
  },
};
