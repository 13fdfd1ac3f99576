import type { Message } from '../../pipeline/outbox.ts';
import type { SlackTrouble } from '../slack-error.ts';
import { backoff } from './budget.ts';
import { type Desk, remembered } from './desk.ts';

/** After this many refusals of the same message nothing will ever make it shown. */
const enough = 25;
const lockedFor = 15_000;
/** How soon a channel that is closed to the bot is tried again. */
const channelAgain = 60_000;

/** What is done about trouble that posting and editing have in common. Nothing is lost: it is tried again. */
export async function handleTrouble(
  desk: Desk,
  message: Message,
  method: 'chat.update' | 'chat.postMessage',
  trouble: SlackTrouble,
): Promise<void> {
  const { outbox } = desk.pipeline;
  const { key, tries } = message;
  switch (trouble.is) {
    case 'rate limited':
      desk.log.info({ method, wait: trouble.wait }, 'slack asks to wait');
      desk.paused.set(method, desk.now() + Math.max(1000, trouble.wait));
      return;
    case 'auth':
    case 'missing scope':
      desk.log.error({ method, code: trouble.code }, 'slack refuses the token');
      desk.locked = { why: trouble.code, until: desk.now() + lockedFor };
      return;
    case 'unknown outcome':
      if (method === 'chat.postMessage') remembered(desk, key).uncertain = true;
      desk.log.warn({ method, code: trouble.code, key }, 'slack did not answer');
      await outbox.postponed(key, backoff(tries));
      return;
    case 'busy':
      desk.log.warn({ method, code: trouble.code, key }, 'slack is busy');
      await outbox.postponed(key, backoff(tries));
      return;
    case 'channel':
      // Not for the message to be lost over: somebody has to invite the bot, or to name another channel.
      desk.log.error({ method, code: trouble.code, key }, 'the default channel cannot be posted to');
      desk.homeless.set(key, trouble.code);
      await outbox.postponed(key, channelAgain);
      return;
    default:
      desk.log.error({ method, trouble, key, tries }, 'slack refuses a message');
      if (tries >= enough) await outbox.givenUp(key, `Slack refuses it: ${trouble.code}`);
      else await outbox.postponed(key, Math.max(10_000, backoff(tries)));
  }
}
