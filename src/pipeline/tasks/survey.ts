import type { Member } from '../balancer.ts';
import type { Instance } from '../domain/instance.ts';
import type { HealthCheck } from '../domain/service-file.ts';
import type { TaskInputs, TaskResults } from '../domain/task.ts';
import type { InstanceReport, Provider } from '../provider.ts';
import type { Task, TaskCall } from './contract.ts';
import { asWanted } from './traffic.ts';

/** One bad look may be chance: an instance is unwell when it was at this many looks in a row. */
const looks = 3;
/** Milliseconds between two looks. */
const between = 2_000;

/** Reads what is really there: which of the instances run and are well, and which are members. Changes nothing. */
export const survey: Task<'survey'> = {
  kind: 'survey',
  async run(input, tools, call) {
    const { provider: cloud, balancer: name, frontend, instances, health } = input;
    const traffic = name === '' ? undefined : await tools.balancer(name).members(frontend, call);
    const reports = await lookAtAll(tools.provider(cloud), instances, health, call);
    const running = reports.filter(({ report }) => report.state === 'running');
    const before = seenBefore(call.known);
    const unwell = running
      .filter(({ report, id }) => !report.healthy && (before === undefined || before.unwell.includes(id)))
      .map(({ id }) => id);
    const count = (before?.looks ?? 0) + 1;
    if (unwell.length > 0 && count < looks) {
      const note = `${unwell.join(', ')} did not pass its health check`;
      return { is: 'not yet', again: between, known: { looks: count, unwell }, note };
    }
    const alive = running.map(({ id }) => id);
    // Without a balancer, who runs is all there is to know.
    if (traffic === undefined) return { is: 'done', result: { alive, unwell, members: alive } };
    const behind = new Set(traffic.members.map((member) => member.instance));
    const members = instances.map(({ id }) => id).filter((id) => behind.has(id));
    const weights = Object.fromEntries(traffic.members.map(({ instance, weight }) => [instance, weight]));
    const found = { alive, unwell, members, weights };
    return { is: 'done', result: { ...found, ...astray(traffic.members, input) } };
  },
};

/** What somebody else, or a call that came too late, has left in the balancer. */
function astray(
  members: Member[],
  { instances, traffic }: TaskInputs['survey'],
): Pick<TaskResults['survey'], 'strangers' | 'misweighted'> {
  if (traffic === undefined) return {};
  const known = new Set([...instances.map(({ id }) => id), ...traffic.beside]);
  const strangers = members.filter(({ instance }) => !known.has(instance));
  // Somebody relies on what has traffic: the reaper asks a person about it, and nothing is changed before.
  if (strangers.some(({ weight }) => weight > 0)) return {};
  return {
    strangers: strangers.map(({ instance }) => instance),
    misweighted: !asWanted(members, traffic.weights),
  };
}

const lookAtAll = (
  provider: Provider,
  instances: Instance[],
  health: HealthCheck,
  call: TaskCall,
): Promise<{ id: string; report: InstanceReport }[]> =>
  Promise.all(
    instances.map(async (instance) => ({
      id: instance.id,
      report: await provider.inspect(instance, health, call),
    })),
  );

/** Without the hint the looks begin anew; the task's own deadline ends them then. */
function seenBefore(known: unknown): { looks: number; unwell: unknown[] } | undefined {
  if (typeof known !== 'object' || known === null || !('looks' in known) || !('unwell' in known))
    return undefined;
  const { looks: count, unwell } = known;
  return typeof count === 'number' && Array.isArray(unwell) ? { looks: count, unwell } : undefined;
}
