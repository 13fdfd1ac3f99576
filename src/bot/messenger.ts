import type { WebClient } from '@slack/web-api';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Message } from '../pipeline/outbox.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Log } from './log.ts';
import type { Membership } from './membership.ts';
import { createDesk, type Desk } from './messenger/desk.ts';
import { hurry, inherit, lanesOf, limit, newsIn, wanted } from './messenger/lanes.ts';
import { show } from './messenger/show.ts';
import type { Reminding } from './reminding.ts';
import type { Style } from './views/plan.ts';

export interface Messenger {
  /** Looks very soon; the card that stands there is drawn before all others. */
  wake(card?: { channel: string; ts: string }): void;
  /** For readiness: false while Slack refuses the token, with Slack's word for it. */
  state(): { ready: boolean; reason?: string };
  /** Resolves when the calls that are under way have ended. What is not shown yet stays in the outbox. */
  stop(): Promise<void>;
}

export interface MessengerOptions {
  pipeline: Pipeline;
  client: WebClient;
  /** Where a message goes whose channel is missing, archived or closed to the bot. */
  defaultChannel: string;
  now: () => At;
  log: Log;
  style?: Style;
  /** Unset: yes. */
  pictures?: boolean;
  name?: (user: string) => Promise<string | undefined>;
  /** Whose an e-mail address is. */
  mailbox?: Membership['mailbox'];
  /** Unset: a reminder notifies all who must act. */
  reminding?: Reminding | undefined;
  /** How often it looks without being woken, in milliseconds. */
  interval?: Millis;
}

const lanesAtOnce = 8;
/** Commits that follow each other so closely are looked at together, in milliseconds. */
const together: Millis = 100;
/** Nobody sees so short a time, and what a command or click has begun goes first: drawing takes the processor from it. */
const shortly: Millis = 50;

/**
 * Keeps Slack equal to the outbox: posts what is not there, edits what looks different, and tries again until it is
 * shown. One lane per card, so that its notes follow it in order and a slow one holds up no other.
 */
export function startMessenger(options: MessengerOptions): Messenger {
  const desk = createDesk(options);
  /** Lanes at work, and what they were begun with. */
  const busy = new Map<string, { run: Promise<void>; news: Set<string> }>();
  const atOnce = limit(lanesAtOnce);
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let lookAgain = false;
  let stopped = false;
  let first = true;
  /** Lanes at work that something came for meanwhile. */
  const behind = new Set<string>();

  async function look(): Promise<void> {
    if (stopped) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    try {
      do {
        lookAgain = false;
        begin(await wanted(desk));
      } while (lookAgain && !stopped);
    } catch (error) {
      desk.log.error({ err: error }, 'the outbox could not be read');
    } finally {
      looking = false;
    }
  }

  function begin(messages: Message[]): void {
    if (first) inherit(desk, messages);
    first = false;
    for (const [lane, inLane] of lanesOf(desk, messages)) {
      const news = newsIn(desk, inLane);
      const begun = busy.get(lane);
      if (begun !== undefined) {
        // What was there when it was begun is no news: two lanes that wait would have each other looked at for ever.
        if ([...news].some((one) => !begun.news.has(one))) behind.add(lane);
        continue;
      }
      const keys = inLane.map(({ key }) => key);
      const run = atOnce(() => inTurn(() => show(desk, keys)))
        .catch((error: unknown) => desk.log.error({ err: error, lane }, 'a message could not be shown'))
        .finally(() => {
          busy.delete(lane);
          // Only for this lane: another that ends fast must not have a slow one looked at over and over.
          if (behind.delete(lane)) setImmediate(() => void look());
        });
      busy.set(lane, { run, news });
    }
  }

  const tick = (): void => {
    void look().finally(() => {
      if (!stopped) timer = setTimeout(tick, options.interval ?? 500);
    });
  };
  const committed = onceWithin(together, () => void look());
  const woken = onceWithin(shortly, () => void look());
  const unsubscribe = options.pipeline.subscribe(committed.begin);
  tick();

  return {
    wake(card) {
      if (card !== undefined) hurry(desk, card);
      woken.begin();
    },
    state: () => stateOf(desk),
    async stop() {
      stopped = true;
      unsubscribe();
      clearTimeout(timer);
      committed.end();
      woken.end();
      await Promise.all([...busy.values()].map(({ run }) => run));
    },
  };
}

/** Ready, since it hears and answers, also while some messages wait for a channel: the reason says so. */
function stateOf({ locked, homeless }: Desk): { ready: boolean; reason?: string } {
  if (locked !== undefined) return { ready: false, reason: `Slack says ${locked.why}` };
  const [why] = homeless.values();
  if (why === undefined) return { ready: true };
  return { ready: true, reason: `Messages wait: the default channel cannot be posted to (${why})` };
}

/** After what waits for this process: drawing many cards in one go would keep a person's click waiting for all of them. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  await new Promise((go) => setImmediate(go));
  return work();
}

/** Does it once for all that ask within a time. */
function onceWithin(wait: Millis, work: () => void): { begin: () => void; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        work();
      }, wait);
    },
    end: () => clearTimeout(timer),
  };
}
