import type { Task } from './contract.ts';
import { environmentOf } from './launch.ts';
import { waiting } from './waiting.ts';

/**
 * Runs a service's migration from its image; done when it ended well. Another copy of this task finds it by its mark;
 * what was begun and is gone without an end that was heard runs once more.
 */
export const migrate: Task<'migrate'> = {
  kind: 'migrate',
  run: async ({ provider, image, spec, mark }, tools, call) => {
    const cloud = tools.provider(provider);
    const told = await environmentOf(spec, mark, tools, cloud);
    const reply = await cloud.launch({ image, spec, ...told, mark }, call);
    if (!reply.ready) return waiting(reply);
    for (const line of await cloud.logs(reply.value, shownLines, call)) call.log(line);
    call.log(`${reply.value.id} ended with exit code 0`);
    return { is: 'done', result: {} };
  },
};

const shownLines = 200;
