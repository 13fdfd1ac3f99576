import type { At } from '../../../pipeline/domain/time.ts';
import type { Marked } from '../../../pipeline/provider.ts';
import type { Engine } from '../engine.ts';
import { isTaken, removed, unlessGone } from '../faults.ts';
import { label, markOf } from '../labels.ts';

/** The volumes that builds left: those of a worker that was killed, since each build removes its own. */
export const buildVolumes = {
  async of({ docker }: Engine, owner: string): Promise<Marked[]> {
    const filters = { label: [`${label.owner}=${owner}`, `${label.what}=builder`] };
    const { Volumes } = await docker.listVolumes({ filters });
    return (Volumes ?? []).flatMap(({ Name, Labels }) => {
      const mark = markOf(Labels);
      return mark === undefined ? [] : [{ what: 'builder' as const, id: Name, mark }];
    });
  },

  /** Gone already is fine; one that a container still uses goes with the next look. False when it stays. */
  async remove({ docker }: Engine, id: string): Promise<boolean> {
    const seen = await unlessGone(docker.getVolume(id).inspect());
    if (seen === undefined || markOf(seen.Labels) === undefined) return true;
    try {
      await unlessGone(docker.getVolume(id).remove());
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  },
};

/** Removes what an installation's builds have left that are surely over, whichever provider lists this engine. */
export async function sweep({ docker }: Engine, owner: string, now: At): Promise<void> {
  const filters = { label: [`${label.owner}=${owner}`, label.until] };
  const isOver = (labels: Record<string, string>): boolean => Number(labels[label.until]) < now;
  for (const { Id, Labels } of await docker.listContainers({ all: true, filters }))
    if (isOver(Labels)) await removed(docker.getContainer(Id).remove({ force: true, v: true }));
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name, Labels } of Volumes ?? [])
    if (isOver(Labels)) await removed(docker.getVolume(Name).remove());
}
