import type { Task } from './contract.ts';

/** Reads what is really there: which of the instances run, and which are members. Changes nothing. */
export const survey: Task<'survey'> = {
  kind: 'survey',
  async run({ provider: cloud, balancer: name, frontend, instances, health }, tools, call) {
    const provider = tools.provider(cloud);
    const traffic = await tools.balancer(name).members(frontend, call);
    const alive: string[] = [];
    for (const instance of instances) {
      const report = await provider.inspect(instance, health, call);
      if (report.state === 'running') alive.push(instance.id);
    }
    const behind = new Set(traffic.members.map((member) => member.instance));
    const members = instances.map(({ id }) => id).filter((id) => behind.has(id));
    return { is: 'done', result: { alive, members } };
  },
};
