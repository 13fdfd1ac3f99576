import type { Task } from './contract.ts';
import { rescueScript } from './rescue-script.ts';

/** Puts the script that brings a version back without Bakery into the store. */
export const script: Task<'script'> = {
  kind: 'script',
  async run(input, tools) {
    const text = rescueScript(input, tools.provider(input.provider), tools.balancer(input.balancer));
    const { digest } = await tools.store.put(text);
    const { marks, instead } = input;
    const made = marks.map(({ effect, generation }) => ({ effect, generation }));
    const version = marks[0]?.version ?? 0;
    return { is: 'done', result: { version, deployment: instead.deployment, script: digest, made } };
  },
};
