import type { TaskResults } from '../domain/task.ts';
import type { Marked } from '../provider.ts';
import type { Task } from './contract.ts';

/** Reads what the clouds and the balancers really have of a service. Changes nothing. */
export const reconcile: Task<'reconcile'> = {
  kind: 'reconcile',
  async run({ service, owner, providers, slots }, tools, call) {
    const found = [];
    for (const name of providers) found.push(...(await tools.provider(name).list(owner, call)));
    const seen = [];
    const own = found.filter(({ mark }) => mark.service === service);
    for (const { environment, balancer, frontend } of slots) {
      if (balancer === '') {
        seen.push(workersIn(environment, own));
        continue;
      }
      const { epoch, members } = await tools.balancer(balancer).members(frontend, call);
      const weights = members.map(({ instance, weight }) => ({ instance, weight }));
      seen.push({ environment, epoch, members: weights });
    }
    return { is: 'done', result: { found: own, slots: seen } };
  },
};

/** Without a balancer the one that was started under the newest lease counts as live. */
function workersIn(environment: string, own: Marked[]): TaskResults['reconcile']['slots'][number] {
  const here = own.filter(({ what, mark }) => what === 'instance' && mark.environment === environment);
  const epoch = Math.max(0, ...here.map(({ mark }) => mark.epoch));
  const members = here.map(({ id, mark }) => ({ instance: id, weight: mark.epoch === epoch ? 100 : 1 }));
  return { environment, epoch, members };
}
