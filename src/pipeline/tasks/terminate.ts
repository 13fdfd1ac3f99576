import type { Millis } from '../domain/time.ts';
import type { Marked } from '../provider.ts';
import type { Task } from './contract.ts';

const sooner = (one: Millis | undefined, other: Millis): Millis =>
  one === undefined ? other : Math.min(one, other);

/** Ends whatever carries these marks and is no image, known or not; done when all of it is gone. */
export const terminate: Task<'terminate'> = {
  kind: 'terminate',
  run: async (input, tools, call) => {
    const provider = tools.provider(input.provider);
    const isMeant = ({ what, mark }: Marked): boolean =>
      what !== 'image' &&
      input.made.some(({ effect, generation }) => mark.effect === effect && mark.generation === generation);
    const listed = (await provider.list(input.owner, call)).filter(isMeant).map(({ id }) => id);
    const found = [...new Set([...listed, ...(input.known ?? [])])];
    let again: Millis | undefined;
    for (const id of found) {
      const reply = await provider.terminate(id, input.grace, call);
      if (reply.ready) call.log(`${id} is gone`);
      else again = sooner(again, reply.again);
    }
    if (again === undefined) return { is: 'done', result: { removed: found.length } };
    return { is: 'not yet', again, note: `${found.length} to end` };
  },
};
