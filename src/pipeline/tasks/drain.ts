import type { Task } from './contract.ts';

/** Lets requests in flight end, at the latest at the deadline, and takes the instances out. */
export const drain: Task<'drain'> = {
  kind: 'drain',
  async run({ balancer: name, frontend, instances, deadline, epoch }, tools, call) {
    const balancer = tools.balancer(name);
    const replies = [];
    for (const { id } of instances) replies.push(await balancer.drain(frontend, id, deadline, epoch, call));
    const busy = replies.find((reply) => !reply.ready);
    if (busy && !busy.ready) {
      const { again, note } = busy;
      return { is: 'not yet', again, ...(note === undefined ? {} : { note }) };
    }
    for (const { id } of instances) await balancer.detach(frontend, id, epoch, call);
    return { is: 'done', result: {} };
  },
};
