import type { Millis } from '../pipeline/domain/time.ts';
import { messageOf } from './away.ts';
import type { QueueLog } from './log.ts';

/** A server that is away for a minute is reported by every connection at every try; once in a while says as much. */
const again: Millis = 30_000;

/** The log, in which a warning that was just given is not given again for half a minute. */
export function withoutRepeats(log: QueueLog, now: () => Millis = () => performance.now()): QueueLog {
  const given = new Map<string, Millis>();
  return {
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => {
      const what = `${message} ${fields.err ? messageOf(fields.err) : ''}`;
      const last = given.get(what);
      if (last !== undefined && now() - last < again) return;
      if (given.size > 100) given.clear();
      given.set(what, now());
      log.warn(fields, message);
    },
    error: (fields, message) => log.error(fields, message),
  };
}
