import type { Removed } from '../domain/marked.ts';
import type { Task } from './contract.ts';

/** Removes images that nothing keeps, looked up anew by their marks. One that another service has taken as well stays. */
export const discard: Task<'discard'> = {
  kind: 'discard',
  async run({ provider: name, owner, service, images }, tools, call) {
    const provider = tools.provider(name);
    const found = (await provider.list(owner, call)).filter(({ what }) => what === 'image');
    const removed = removedBefore(call.known);
    let again = 0;
    for (const id of images) {
      const marks = found.filter((one) => one.id === id).map(({ mark }) => mark);
      const [first] = marks;
      if (first === undefined || marks.some((mark) => mark.service !== service)) continue;
      const reply = await provider.removeImage(id, call);
      if (!reply.ready) {
        again = again === 0 ? reply.again : Math.min(again, reply.again);
        continue;
      }
      call.log(`the image ${id} is gone`);
      removed.push({ what: 'image', id, version: first.version, environment: first.environment });
    }
    const note = `${removed.length} of ${images.length} removed`;
    if (again > 0) return { is: 'not yet', again, known: { removed }, note };
    return { is: 'done', result: { provider: name, removed, inUse: [] } };
  },
};

/** What earlier attempts removed. Only told from it: without the hint, what is gone already is not named. */
function removedBefore(known: unknown): Removed[] {
  if (typeof known !== 'object' || known === null || !('removed' in known)) return [];
  // Written by the attempt before.
  return Array.isArray(known.removed) ? [...(known.removed as Removed[])] : [];
}
