import { randomBytes } from 'node:crypto';
import { SlackRefusal } from './errors.ts';
import { flag } from './fields.ts';
import { messageContent } from './limits/messages.ts';
import type { WorkspaceState } from './state.ts';
import type { EphemeralMessage, Fields, Message, MessageRef } from './types.ts';

const USES = 5;
const LIFE_MS = 30 * 60_000;

interface Origin {
  readonly user: string;
  readonly channel: string;
  /** The message whose button was pressed, when it was one. */
  readonly message?: MessageRef;
  readonly threadTs?: string;
}

/** The addresses that an interaction can be answered at: five times in thirty minutes. */
export class ResponseUrls {
  readonly #known = new Map<string, Origin & { readonly at: number; uses: number }>();
  readonly #state: WorkspaceState;

  constructor(state: WorkspaceState) {
    this.#state = state;
  }

  /** A new path below the simulator's own address. */
  mint(origin: Origin): string {
    const { teamId } = this.#state.installation;
    const path = `/actions/${teamId}/${randomBytes(4).readUInt32BE()}/${randomBytes(12).toString('base64url')}`;
    this.#known.set(path, { ...origin, at: this.#state.now(), uses: 0 });
    return path;
  }

  /**
   * Does what a post to a response_url asks for.
   * @throws SlackRefusal `used_url`, `expired_url`, `not_found` and what messages are refused with.
   */
  answer(path: string, body: Fields): void {
    const origin = this.#known.get(path);
    if (origin === undefined) throw new SlackRefusal('not_found');
    if (this.#state.now() - origin.at > LIFE_MS) throw new SlackRefusal('expired_url');
    if (origin.uses >= USES) throw new SlackRefusal('used_url');
    origin.uses += 1;
    if (flag(body, 'delete_original')) this.#replaceOriginal(origin, undefined);
    else if (flag(body, 'replace_original')) this.#replaceOriginal(origin, body);
    else this.show(origin, body);
  }

  /** Shows an answer, to the person alone unless it says `in_channel`. */
  show(origin: Origin, body: Fields): EphemeralMessage | Message {
    const content = messageContent(body, 'post');
    const given = body.thread_ts;
    const threadTs = typeof given === 'string' ? given : origin.threadTs;
    const place = { channel: origin.channel, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) };
    if (body.response_type !== 'in_channel') {
      return this.#state.addEphemeral({ ...content, ...place, user: origin.user });
    }
    const { botUserId, botId, appId } = this.#state.installation;
    return this.#state.put({
      type: 'message',
      ...place,
      ts: this.#state.clock.next(),
      user: botUserId,
      bot_id: botId,
      app_id: appId,
      ...content,
    });
  }

  #replaceOriginal(origin: Origin, body: Fields | undefined): void {
    const { message } = origin;
    if (message === undefined) {
      if (body !== undefined) this.show(origin, body);
      return;
    }
    const ephemeral = this.#state.ephemerals(origin.user).find((each) => each.ts === message.ts);
    const kept = this.#state.conversations.get(message.channel)?.messages.get(message.ts);
    if (body === undefined) {
      if (ephemeral !== undefined) this.#state.replaceEphemeral(ephemeral, undefined);
      else this.#state.remove(message.channel, message.ts);
      return;
    }
    const content = messageContent(body, 'update');
    if (ephemeral !== undefined) {
      const { blocks: _old, ...rest } = ephemeral;
      this.#state.replaceEphemeral(ephemeral, { ...rest, ...content });
    } else if (kept !== undefined) {
      const { blocks: _old, ...rest } = kept;
      this.#state.put({ ...rest, ...content });
    } else throw new SlackRefusal('message_not_found');
  }
}
