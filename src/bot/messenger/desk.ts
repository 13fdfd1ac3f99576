import type { WebClient } from '@slack/web-api';
import type { At } from '../../pipeline/domain/time.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Log } from '../log.ts';
import type { Membership } from '../membership.ts';
import type { Reminding } from '../reminding.ts';
import type { Style } from '../views/plan.ts';
import { createEditBudget, createPostBudget, type EditBudget } from './budget.ts';

/** What the messenger remembers of a message between two looks. Losing it costs a redraw, never a message. */
export interface Remembered {
  /** When Slack last took a drawing of it. */
  drawnAt?: At;
  /** The top-level text that Slack shows: tells a change of state from a clock that went on. */
  text?: string;
  moving?: boolean;
  /** Slack refuses to edit it: posted anew only when it matters. */
  frozen?: boolean;
  /** Slack may have taken a post whose answer was lost. */
  uncertain?: boolean;
  /** How often Slack found it too long. */
  tooLong?: number;
  /** Posted in the default channel, with this reason. */
  redirected?: string;
  /** The revision that was last drawn, shown or not: until the next one only its times grow old. */
  drawn?: number;
  /** That drawing was no more than progress, and waits for room. */
  waits?: boolean;
  /** When the edit that is under way was begun. */
  begunAt?: At;
  /** When it last found no room among the edits of a minute. */
  waitedAt?: At;
  /** A person clicked on it: drawn at once. */
  hurried?: boolean;
  at?: { channel: string; ts: string };
  /** The address at which Slack shows it. */
  link?: string;
}

/** All that posting and editing work with. */
export interface Desk {
  pipeline: Pipeline;
  client: WebClient;
  defaultChannel: string;
  now: () => At;
  log: Log;
  /** How stages are drawn. */
  style: Style;
  /** Whether pictures are put into threads. */
  pictures: boolean;
  /** What people are called, so that not everybody who is named is notified. */
  name: (user: string) => Promise<string | undefined>;
  /** Whose an e-mail address is. */
  mailbox: Membership['mailbox'];
  /** Who of those who must act is at work. */
  reminding?: Reminding | undefined;
  memory: Map<string, Remembered>;
  edits: EditBudget;
  posts: ReturnType<typeof createPostBudget>;
  /** Until when Slack wants no more calls of a method. */
  paused: Map<'chat.update' | 'chat.postMessage', At>;
  /** Channels that cannot be posted to, until they are tried again. */
  down: Map<string, { why: string; until: At }>;
  /** True while this app may not read history: then lost answers are not looked for. */
  blind: boolean;
  /** Why Slack refuses us altogether, and until when we wait. */
  locked?: { why: string; until: At };
  /** Keys of messages that even the default channel did not take, with Slack's word for why. */
  homeless: Map<string, string>;
  /** Keys that were to be posted when Bakery started: their posts may have been taken before it was killed. */
  inherited: Set<string>;
}

export function createDesk(
  given: Pick<Desk, 'pipeline' | 'client' | 'defaultChannel' | 'now' | 'log'> &
    Partial<Pick<Desk, 'style' | 'name' | 'pictures' | 'mailbox' | 'reminding'>>,
): Desk {
  return {
    style: 'plan',
    pictures: true,
    name: async () => undefined,
    mailbox: async () => ({ is: 'unknown' }),
    ...given,
    memory: new Map(),
    edits: createEditBudget(),
    posts: createPostBudget(),
    paused: new Map(),
    down: new Map(),
    blind: false,
    homeless: new Map(),
    inherited: new Set(),
  };
}

export function remembered(desk: Desk, key: string): Remembered {
  const known = desk.memory.get(key);
  if (known !== undefined) return known;
  const fresh: Remembered = {};
  desk.memory.set(key, fresh);
  return fresh;
}

export const isPaused = (desk: Desk, method: 'chat.update' | 'chat.postMessage'): boolean =>
  (desk.paused.get(method) ?? 0) > desk.now() || (desk.locked?.until ?? 0) > desk.now();

/** It is not in Slack any more: the outbox has it posted anew. */
export async function lose(desk: Desk, key: string): Promise<void> {
  const known = remembered(desk, key);
  delete known.at;
  delete known.text;
  known.uncertain = false;
  await desk.pipeline.outbox.lost(key);
}
