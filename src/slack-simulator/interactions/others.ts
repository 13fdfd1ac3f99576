import { ImpossibleGesture } from '../errors.ts';
import { slackId } from '../ids.ts';
import type { MessageRef, Person } from '../types.ts';
import { wireMessage, wireView } from '../wire.ts';
import {
  channelFields,
  channelFor,
  deliver,
  envelope,
  type GestureContext,
  type Outcome,
} from './context.ts';

/** Opens the bot's Home tab. */
export async function openHome(context: GestureContext, person: Person): Promise<Outcome> {
  const { state } = context;
  const { teamId, appId, botUserId } = state.installation;
  const view = state.homes.get(person.id);
  return deliver(context, 'events_api', {
    token: 'unused-verification-token',
    team_id: teamId,
    api_app_id: appId,
    type: 'event_callback',
    event_id: slackId('Ev'),
    event_time: Math.floor(state.now() / 1000),
    is_ext_shared_channel: false,
    authorizations: [
      {
        enterprise_id: null,
        team_id: teamId,
        user_id: botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'app_home_opened',
      user: person.id,
      channel: state.directMessage(person.id).id,
      tab: 'home',
      event_ts: state.clock.next(),
      ...(view === undefined ? {} : { view: wireView(view, state) }),
    },
  });
}

/**
 * Runs a shortcut: on a message when one is given, else the global one.
 * @throws ImpossibleGesture when there is no such message.
 */
export async function runShortcut(
  context: GestureContext,
  person: Person,
  callbackId: string,
  ref?: MessageRef,
): Promise<Outcome> {
  const { state } = context;
  const common = {
    ...envelope(person, context),
    callback_id: callbackId,
    trigger_id: context.triggers.mint({ user: person.id }),
    action_ts: state.clock.next(),
  };
  if (ref === undefined) return deliver(context, 'interactive', { type: 'shortcut', ...common });
  const channel = channelFor(state, person, ref.channel);
  const message = channel.messages.get(ref.ts);
  if (message === undefined)
    throw new ImpossibleGesture(`There is no message ${ref.ts} in #${channel.name}.`);
  const origin = { user: person.id, channel: channel.id, message: { channel: channel.id, ts: message.ts } };
  return deliver(context, 'interactive', {
    type: 'message_action',
    ...common,
    response_url: `${context.baseUrl}${context.responseUrls.mint(origin)}`,
    channel: channelFields(channel),
    message_ts: message.ts,
    message: wireMessage(message, state),
  });
}
