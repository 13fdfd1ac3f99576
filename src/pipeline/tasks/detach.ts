import type { Task } from './contract.ts';

/** Takes instances out at once: they never had traffic, or are dead. */
export const detach: Task<'detach'> = {
  kind: 'detach',
  async run({ balancer: name, frontend, instances, epoch }, tools, call) {
    const balancer = tools.balancer(name);
    for (const { id } of instances) await balancer.detach(frontend, id, epoch, call);
    return { is: 'done', result: {} };
  },
};
