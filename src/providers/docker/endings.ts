import type { At, Millis } from '../../pipeline/domain/time.ts';
import type { Engine } from './engine.ts';
import { unlessGone } from './faults.ts';
import { label } from './labels.ts';

/** How long a gone instance's name is kept: longer than any late copy of its launch can live. */
const remembered: Millis = 7 * 24 * 60 * 60 * 1000;

const nameOf = (instance: string): string => `${instance}.ended`;

/**
 * That an instance was told to end, kept on its engine when the instance itself is gone: a volume of no bytes, since
 * a name is all that an engine keeps for nothing.
 */
export const endings = {
  /** When it was first told to end. */
  async tell({ docker }: Engine, instance: string, owner: string, now: At): Promise<At> {
    const Labels = { [label.what]: 'ended', [label.owner]: owner, [label.ended]: String(now) };
    // Making one that is there gives the one that is there.
    await docker.createVolume({ Name: nameOf(instance), Labels });
    const made = await docker.getVolume(nameOf(instance)).inspect();
    return Number(made.Labels[label.ended] ?? now);
  },

  async has({ docker }: Engine, instance: string): Promise<boolean> {
    return (await unlessGone(docker.getVolume(nameOf(instance)).inspect())) !== undefined;
  },

  /** Removes those that are older than any late copy. */
  async forget({ docker }: Engine, now: At): Promise<void> {
    const { Volumes } = await docker.listVolumes({ filters: { label: [`${label.what}=ended`] } });
    for (const { Name, Labels } of Volumes ?? []) {
      if (now - Number(Labels?.[label.ended] ?? now) > remembered)
        await unlessGone(docker.getVolume(Name).remove());
    }
  },
};
