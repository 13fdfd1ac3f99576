import { SlackRefusal } from '../errors.ts';
import { isFields } from '../fields.ts';
import type { Conversation } from '../state.ts';
import type { Message, Person } from '../types.ts';
import { channelFor, type GestureContext, type Outcome } from './context.ts';

/**
 * Types a slash command into a channel.
 * @throws ImpossibleGesture when the person is not in the channel.
 */
export async function runCommand(
  context: GestureContext,
  person: Person,
  command: string,
  text: string,
  channelName: string,
): Promise<Outcome> {
  const { state } = context;
  const channel = channelFor(state, person, channelName);
  const isKnown =
    context.commands.length === 0 || context.commands.some((known) => known.command === command);
  if (!isKnown) {
    const words = `${command} is not a valid command. In Slack, all messages that start with "/" are commands.`;
    return refused(context, person, channel, words, 'no such command');
  }
  const { teamId, teamDomain, appId } = state.installation;
  const origin = { user: person.id, channel: channel.id };
  const ack = await context.delivery.send('slash_commands', {
    token: 'unused-verification-token',
    team_id: teamId,
    team_domain: teamDomain,
    channel_id: channel.id,
    channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
    user_id: person.id,
    user_name: person.name,
    command,
    text,
    api_app_id: appId,
    is_enterprise_install: 'false',
    response_url: `${context.baseUrl}${context.responseUrls.mint(origin)}`,
    trigger_id: context.triggers.mint({ user: person.id }),
  });
  if (!ack.ok) {
    return {
      ...refused(context, person, channel, `${command} failed with the error "${ack.error}"`, ack.detail),
      ack,
    };
  }
  const body = isFields(ack.body) ? ack.body : { text: ack.body };
  if (body.text === undefined && body.blocks === undefined) return { ack };
  try {
    const shown = context.responseUrls.show(origin, body);
    return 'is_ephemeral' in shown ? { ack, ephemeral: shown } : { ack, message: shown };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const words = `${command} failed with the error "invalid_command_response"`;
    const refusal = refused(context, person, channel, words, `The bot's answer was refused: ${error.code}.`);
    return { ...refusal, ack };
  }
}

/**
 * Writes an ordinary message.
 * @throws ImpossibleGesture when the person is not in the channel.
 */
export function say(
  context: GestureContext,
  person: Person,
  channelName: string,
  text: string,
  threadTs?: string,
): Message {
  const { state } = context;
  const channel = channelFor(state, person, channelName);
  return state.put({
    type: 'message',
    channel: channel.id,
    ts: state.clock.next(),
    user: person.id,
    text,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  });
}

function refused(
  { state }: GestureContext,
  person: Person,
  channel: Conversation,
  words: string,
  detail: string,
): Outcome {
  state.addEphemeral({ channel: channel.id, user: person.id, text: words, fromSlack: true });
  return { ack: { ok: false, error: 'dispatch_failed', detail }, error: words };
}
