import { setTimeout as pause } from 'node:timers/promises';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Engine } from './engine.ts';
import { isTaken, removed, unlessGone } from './faults.ts';
import { labelsOf } from './labels.ts';

/** How often a claim that is taken and not there yet is looked at, and how long after each look. */
const looks = 50;
const between = 100;

/** What is to be done with the image that wins, and whether that has been done. */
export interface Finishing {
  finish(image: string): Promise<void>;
  isFinished(): Promise<boolean>;
}

/**
 * Who of several that made an image of the same inputs gives it its name. An engine moves a tag without asking, but
 * gives a container's name once: so a container that is never started, made from the image, is the claim. Whoever
 * meets somebody else's finishes it, so that nobody waits for the dead; one whose image is gone is taken away.
 */
export async function claim(
  { docker }: Engine,
  key: string,
  image: string,
  mark: Mark,
  { finish, isFinished }: Finishing,
  signal: AbortSignal,
): Promise<void> {
  const name = `bakery-claim-${key}`;
  const wanted = { name, Image: image, Cmd: ['claim'], Labels: labelsOf(mark, 'builder') };
  for (let look = 0; look < looks; look++) {
    await unlessTaken(docker.createContainer(wanted));
    const held = await unlessGone(docker.getContainer(name).inspect());
    if (held === undefined) {
      // Another one has finished it, or is making it: an engine takes the name before the container can be seen.
      if (await isFinished()) return;
      await pause(between, undefined, { signal });
      continue;
    }
    const isThere = (await unlessGone(docker.getImage(held.Image).inspect())) !== undefined;
    if (isThere) await finish(held.Image);
    await removed(docker.getContainer(held.Id).remove({ force: true, v: true }));
    if (isThere) return;
  }
}

async function unlessTaken(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}
