import type { Task } from './contract.ts';

/** Reads what instances wrote last. Changes nothing. */
export const output: Task<'output'> = {
  kind: 'output',
  async run({ provider: cloud, instances, settings, lines }, tools, call) {
    // A worker takes out of what is printed the secrets that it has read: another one may have started the instance.
    for (const setting of Object.values(settings))
      if ('secret' in setting) await tools.secret(setting.secret);
    const provider = tools.provider(cloud);
    const outputs = await Promise.all(
      instances.map(async (instance) => ({
        instance: instance.id,
        lines: await provider.logs(instance, lines, call),
      })),
    );
    return { is: 'done', result: { outputs } };
  },
};
