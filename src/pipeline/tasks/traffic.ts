import type { Admitted, Member } from '../balancer.ts';
import type { Instance } from '../domain/instance.ts';
import type { Owned } from '../domain/marked.ts';

/** An instance with its whole mark, where the order says whose it is. */
export const admitted = (instance: Instance, owned: Owned | undefined): Admitted =>
  owned === undefined
    ? instance
    : { ...instance, mark: { ...owned, effect: instance.effect, generation: instance.generation } };

/** Whether a slot's weights are what they should be, and nobody who should have traffic is draining. */
export const asWanted = (members: Member[], weights: Record<string, number>): boolean =>
  Object.entries(weights).every(
    ([id, weight]) => weight === 0 || members.some((member) => member.instance === id),
  ) &&
  members.every(({ instance, weight, draining }) => {
    const wanted = weights[instance] ?? 0;
    return weight === wanted && !(wanted > 0 && draining);
  });

/** The counters of all these members in sum. */
export const countersOf = (members: Member[]): { requests: number; failed: number } => ({
  requests: members.reduce((sum, member) => sum + member.requests, 0),
  failed: members.reduce((sum, member) => sum + member.failed, 0),
});
