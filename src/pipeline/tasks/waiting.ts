import type { Outcome } from '../domain/task.ts';
import type { Reply } from '../provider.ts';

/** A provider's "not yet" as the outcome of an attempt. */
export const waiting = ({
  again,
  known,
  note,
}: Extract<Reply<never>, { ready: false }>): Extract<Outcome, { is: 'not yet' }> => ({
  is: 'not yet',
  again,
  ...(known === undefined ? {} : { known }),
  ...(note === undefined ? {} : { note }),
});
