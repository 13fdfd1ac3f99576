import type { Facts } from '../domain/facts.ts';
import type { Marked } from '../domain/marked.ts';
import { discardEffect, isLettingGo } from '../domain/retention.ts';
import type { Subject } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import { order } from '../stages/orders.ts';
import { type Decision, Draft } from './draft.ts';
import { forgottenImages, retention } from './retention.ts';

/** At most so many images of one service go at once; the rest goes at the next look of the same night. */
const mostAtOnce = 100;

/**
 * Lets the images go that nothing keeps. From this decision on their releases can be deployed no more, so that nothing
 * is started from an image that is about to vanish.
 */
export function letImagesGo(facts: Facts, provider: string, found: readonly Marked[], now: At): Decision {
  const draft = new Draft(facts, now);
  const { service } = facts.policy;
  const subject: Subject = { kind: 'service', service };
  const going = retention(facts, now)
    .filter(({ because, image }) => because === undefined && isIn(found, image.id))
    .slice(0, mostAtOnce);
  const forgotten = forgottenImages(facts, found).slice(0, mostAtOnce);
  const ids = [...new Set([...going.map(({ image }) => image.id), ...forgotten])];
  if (ids.length > 0 && !isHeld(facts) && draft.openTasks(subject).length === 0) {
    for (const { version } of going) draft.emit({ type: 'ImageRemoved', service, version });
    const input = { provider, owner: facts.owner, service, images: ids };
    const effect = discardEffect(service, provider);
    const generation = Math.floor(now / 100);
    draft.order([order({ kind: 'discard', effect, subject, generation, stage: 'upkeep', input }, draft)]);
  }
  return draft.decision({ accepted: true, sentence: `${ids.length} images of ${service} go.` });
}

/** A release is to be baked: what has not gone by now stays for another night, and the bake waits for the end of it. */
export function letNoMoreGo(draft: Draft): void {
  const { service } = draft.facts.policy;
  if (isLettingGo(draft.facts)) draft.stop({ kind: 'service', service });
}

/**
 * A person is to look at what was found first; or a bake is under way, which could take over, from an earlier release of
 * the same inputs, the very image that goes.
 */
const isHeld = ({ service, releases }: Facts): boolean =>
  service.restoring !== undefined ||
  service.reaperStopped !== undefined ||
  service.open.some((version) => releases.get(version)?.image === undefined);

const isIn = (found: readonly Marked[], id: string): boolean => found.some((one) => one.id === id);
