import type { Slot } from '../../pipeline/domain/slot.ts';
import type { Evidence } from '../evidence.ts';
import type { Invariant } from './contract.ts';

/** Behind each balancer: the live ones with all of the traffic, those beside them with none, and nobody else. */
export const members: Invariant = {
  name: 'exactly the members that should be, with the weights that they should have',
  broken: (evidence) => evidence.ledger.slots.flatMap((slot) => ofSlot(slot, evidence)),
};

function ofSlot({ service, environment, live, beside }: Slot, { books }: Evidence): string[] {
  const name = `${service}.${environment}`;
  const found = books.slot(name).members;
  const wanted = new Set([...(live?.instances ?? []), ...(beside?.instances ?? [])].map(({ id }) => id));
  const own = new Set((live?.instances ?? []).map(({ id }) => id));
  const weight = found.filter(({ instance }) => own.has(instance)).reduce((sum, one) => sum + one.weight, 0);
  return [
    ...found
      .filter(({ instance }) => !wanted.has(instance))
      .map(({ instance }) => `${instance} is a member of ${name}.`),
    ...[...wanted]
      .filter((id) => !found.some(({ instance }) => instance === id))
      .map((id) => `${id} is no member of ${name}.`),
    ...found
      .filter(({ instance, weight }) => !own.has(instance) && weight > 0)
      .map(({ instance, weight }) => `${instance} has weight ${weight} in ${name} and is not live.`),
    ...found
      .filter(({ instance, draining }) => own.has(instance) && draining)
      .map(({ instance }) => `${instance} is live in ${name} and drains.`),
    ...(live !== undefined && weight !== 100
      ? [`What is live in ${name} has ${weight} of 100 of the traffic.`]
      : []),
  ];
}
