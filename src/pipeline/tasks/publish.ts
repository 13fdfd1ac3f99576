import type { Task } from './contract.ts';
import { waiting } from './waiting.ts';

/** Lets an image be used wherever its provider's settings say. */
export const publish: Task<'publish'> = {
  kind: 'publish',
  async run({ provider, image, mark }, tools, call) {
    const reply = await tools.provider(provider).publish(image, mark, call);
    if (!reply.ready) return waiting(reply);
    for (const copy of reply.value) call.log(`${image.id} is there as ${copy}, too`);
    return { is: 'done', result: { copies: reply.value } };
  },
};
