import type { Mark } from '../../pipeline/domain/task.ts';
import type { Marked } from '../../pipeline/provider.ts';
import { markKey } from '../instance-name.ts';
import { build } from './build.ts';
import { contextOf } from './context.ts';
import type { Engine } from './engine.ts';
import { unlessGone } from './faults.ts';
import { digestIn } from './image-names.ts';
import { label, labelsOf, markOf } from './labels.ts';

const repository = 'bakery-mark';
const filter = `${label.what}=mark`;

/**
 * That a release took an image which another had made. An image's own labels cannot be changed, so each such mark is
 * an image of no bytes, whose labels hold it.
 */
export const takenMarks = {
  async add(engine: Engine, image: string, mark: Mark): Promise<void> {
    const labels = { ...labelsOf(mark, 'image'), [label.what]: 'mark', [label.image]: image };
    const context = contextOf([
      { path: 'Dockerfile', mode: 0o644, content: 'FROM scratch\nLABEL bakery=mark\n' },
    ]);
    const t = `${repository}:${markKey(mark)}`;
    await build(
      engine,
      context,
      { t, labels },
      { signal: new AbortController().signal, ensureTime() {}, log() {} },
    );
  },

  async of({ docker }: Engine, owner: string): Promise<Marked[]> {
    const filters = { label: [filter, `${label.owner}=${owner}`] };
    const found: Marked[] = [];
    for (const { Labels } of await docker.listImages({ filters })) {
      const mark = markOf(Labels);
      const id = Labels?.[label.image];
      if (mark !== undefined && id !== undefined) found.push({ what: 'image', id, mark });
    }
    return found;
  },

  /** All marks on an image of this digest. */
  async remove({ docker }: Engine, digest: string): Promise<void> {
    for (const { Id, Labels } of await docker.listImages({ filters: { label: [filter] } })) {
      if (digestIn(Labels?.[label.image] ?? '') === digest)
        await unlessGone(docker.getImage(Id).remove({ force: true }));
    }
  },
};
