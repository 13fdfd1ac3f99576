import type { WebClient } from '@slack/web-api';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Log } from './log.ts';
import type { Reminding } from './reminding.ts';
import { troubleOf } from './slack-error.ts';

const usually: Millis = 6 * 3_600_000;
const afterTrouble: Millis = 10 * 60_000;

interface Options extends Pick<Reminding, 'people' | 'zones'> {
  client: WebClient;
  log: Log;
  /** Milliseconds between two rounds, and after one that Slack did not answer in full. */
  every?: { usually: Millis; afterTrouble: Millis };
}

/**
 * Asks Slack where those live who are reminded, at the start and a few times a day: people travel. What could not be
 * asked stays as it was last known. Returns what ends it.
 */
export function keepZones({ people, zones, client, log, every }: Options): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  /** False when Slack did not tell all of them. The first refusal ends the round: nobody waits for it. */
  async function round(): Promise<boolean> {
    for (const key of people()) {
      if (isOver) return true;
      try {
        const { user } = await client.users.info({ user: key.slice(key.indexOf('/') + 1) });
        if (user?.tz) zones.set(key, user.tz);
      } catch (error) {
        const trouble = troubleOf(error);
        if ('code' in trouble && trouble.code === 'user_not_found') continue;
        log.debug({ trouble }, 'slack could not be asked for time zones');
        return false;
      }
    }
    return true;
  }
  const again = async (): Promise<void> => {
    const isWhole = await round();
    if (isOver) return;
    const wait = isWhole ? (every?.usually ?? usually) : (every?.afterTrouble ?? afterTrouble);
    timer = setTimeout(() => void again(), wait);
    timer.unref();
  };
  void again();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
