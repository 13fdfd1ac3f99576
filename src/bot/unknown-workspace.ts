import type { AllMiddlewareArgs, AnyMiddlewareArgs, Middleware } from '@slack/bolt';
import type { Log } from './log.ts';
import { type Space, spaceOf } from './space.ts';
import { sentence } from './views/blocks.ts';
import { asModal } from './views/forms.ts';

const unknown = sentence(
  'This Bakery does not serve this Slack workspace, so nothing was done. Its operators name the workspaces in bot.yaml.',
);

/**
 * Refuses what comes from a workspace that is none of this app's, however well it is signed, with a sentence wherever
 * Slack shows one: what stands in the request as its workspace decides nothing else.
 */
export const refuseStrangers =
  (spaces: readonly Space[], log: Log): Middleware<AnyMiddlewareArgs> =>
  async (given) => {
    const { context, next } = given;
    if (spaceOf(spaces, context.teamId) !== undefined) return next();
    log.warn({ team: context.teamId }, 'refused a request of a workspace that is not served');
    await answer(given);
  };

async function answer(given: AnyMiddlewareArgs & AllMiddlewareArgs): Promise<void> {
  const { body } = given;
  if ('view' in given && 'ack' in given && body.type === 'view_submission') {
    await given.ack({ response_action: 'update', view: asModal(unknown, '') });
    return;
  }
  if ('ack' in given && typeof given.ack === 'function') await given.ack();
  if ('respond' in given && typeof given.respond === 'function')
    await given.respond({ response_type: 'ephemeral', replace_original: false, ...unknown });
}
