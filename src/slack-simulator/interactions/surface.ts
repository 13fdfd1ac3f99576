import { ImpossibleGesture } from '../errors.ts';
import type {
  Block,
  EphemeralMessage,
  Fields,
  Message,
  MessageRef,
  Person,
  View,
  ViewRef,
} from '../types.ts';
import { wireEphemeral, wireMessage, wireView } from '../wire.ts';
import { channelFields, channelFor, type GestureContext } from './context.ts';

/** What a person sees a button on. */
export type Surface =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'ephemeral'; readonly message: EphemeralMessage }
  | { readonly kind: 'view'; readonly view: View };

/**
 * Finds what a person points at, as it stands now.
 * @throws ImpossibleGesture when it is not there, or not for this person.
 */
export function surfaceOf(context: GestureContext, person: Person, ref: MessageRef | ViewRef): Surface {
  const { state } = context;
  if ('id' in ref) {
    const view = context.views.byId(ref.id);
    if (view?.user === person.id) return { kind: 'view', view };
    throw new ImpossibleGesture(`${person.name} has no view ${ref.id} open.`);
  }
  const channel = channelFor(state, person, ref.channel);
  const message = channel.messages.get(ref.ts);
  if (message !== undefined) return { kind: 'message', message };
  const ephemeral = state.ephemerals(person.id).find((each) => each.ts === ref.ts);
  if (ephemeral !== undefined) return { kind: 'ephemeral', message: ephemeral };
  throw new ImpossibleGesture(
    `There is no message ${ref.ts} in #${channel.name} that ${person.name} can see.`,
  );
}

/** The blocks that are shown. */
export function blocksOf(surface: Surface): readonly Block[] {
  return surface.kind === 'view' ? surface.view.blocks : (surface.message.blocks ?? []);
}

/** What the client remembers typed and chosen values under. */
export function idOf(surface: Surface): string {
  return surface.kind === 'view' ? surface.view.id : `${surface.message.channel}/${surface.message.ts}`;
}

/** `container`, and `message`, `channel` and `state`, or `view`, of a payload. */
export function surfaceFields(context: GestureContext, person: Person, surface: Surface): Fields {
  const { state } = context;
  const values = context.chosen.all(person.id, idOf(surface), blocksOf(surface));
  if (surface.kind === 'view') {
    const { view } = surface;
    return { container: { type: 'view', view_id: view.id }, view: wireView(view, state, values) };
  }
  const { message } = surface;
  const isEphemeral = surface.kind === 'ephemeral';
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: isEphemeral,
      ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
    },
    channel: channelFields(channelFor(state, person, message.channel)),
    message:
      surface.kind === 'message'
        ? wireMessage(surface.message, state)
        : wireEphemeral(surface.message, state),
    state: { values },
  };
}
