import { SlackRefusal } from './errors.ts';
import { slackId, TsClock } from './ids.ts';
import { installationOf, type SlackSimulatorOptions } from './options.ts';
import type { Change, EphemeralMessage, Installation, Message, Person, UserGroup, View } from './types.ts';

/** A channel, private channel or direct message as it is now. */
export interface Conversation {
  readonly id: string;
  readonly name: string;
  readonly kind: 'channel' | 'im';
  readonly topic: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  readonly members: Set<string>;
  /** By ts, oldest first. */
  readonly messages: Map<string, Message>;
}

/** Everything that the simulated workspace knows. It checks nothing: refusing is the Web API's work. */
export class WorkspaceState {
  readonly installation: Installation;
  readonly people: ReadonlyMap<string, Person>;
  readonly userGroups: readonly UserGroup[];
  readonly conversations = new Map<string, Conversation>();
  readonly homes = new Map<string, View>();
  readonly modals = new Map<string, View[]>();
  readonly clock: TsClock;
  readonly now: () => number;
  #ephemerals: EphemeralMessage[] = [];
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(options: SlackSimulatorOptions) {
    this.now = options.now ?? Date.now;
    this.clock = new TsClock(this.now);
    this.installation = installationOf(options);
    this.people = new Map(options.people.map((person) => [person.id, person]));
    this.userGroups = options.userGroups ?? [];
    for (const channel of options.channels) {
      const members = new Set(channel.members ?? this.people.keys());
      if (channel.botIsMember !== false) members.add(this.installation.botUserId);
      this.conversations.set(channel.id, {
        id: channel.id,
        name: channel.name,
        kind: 'channel',
        topic: channel.topic ?? '',
        isPrivate: channel.isPrivate === true,
        isArchived: channel.isArchived === true,
        members,
        messages: new Map(),
      });
    }
  }

  /** Calls the listener after every change; gives back how to stop that. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners. */
  changed(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Finds a conversation by id, `#name`, name, or a person's id for their direct message with the bot. */
  find(idOrName: string): Conversation | undefined {
    const exact = this.conversations.get(idOrName);
    if (exact !== undefined) return exact;
    if (this.people.has(idOrName)) return this.directMessage(idOrName);
    const name = idOrName.replace(/^#/, '');
    return [...this.conversations.values()].find((each) => each.kind === 'channel' && each.name === name);
  }

  /** The direct message between the bot and a person, made when it is first needed. */
  directMessage(user: string, id = slackId('D')): Conversation {
    const members = [user, this.installation.botUserId];
    const isTheirs = (each: Conversation) => each.kind === 'im' && each.members.has(user);
    const existing = [...this.conversations.values()].find(isTheirs);
    if (existing !== undefined) return existing;
    const made: Conversation = {
      id,
      name: user,
      kind: 'im',
      topic: '',
      isPrivate: true,
      isArchived: false,
      members: new Set(members),
      messages: new Map(),
    };
    this.conversations.set(id, made);
    this.changed({ kind: 'channel', channel: id });
    return made;
  }

  /** Keeps a message, new or edited. */
  put(message: Message): Message {
    this.#conversation(message.channel).messages.set(message.ts, message);
    this.changed({ kind: 'message', channel: message.channel, ts: message.ts });
    return message;
  }

  /** Removes a message; a parent whose thread has replies leaves a tombstone. */
  remove(channel: string, ts: string): void {
    const { messages } = this.#conversation(channel);
    const message = messages.get(ts);
    if (message === undefined) return;
    if (this.replies(channel, ts).length > 0) {
      const { blocks: _blocks, metadata: _metadata, ...rest } = message;
      messages.set(ts, { ...rest, subtype: 'tombstone', text: 'This message was deleted.' });
    } else messages.delete(ts);
    this.changed({ kind: 'message', channel, ts });
  }

  /** Takes a file out of every message; one that held nothing else goes with it. */
  removeFile(id: string): void {
    for (const { id: channel, messages } of this.conversations.values()) {
      for (const message of [...messages.values()]) {
        const files = message.files?.filter((file) => file.id !== id);
        if (files === undefined || files.length === message.files?.length) continue;
        if (files.length === 0) this.remove(channel, message.ts);
        else this.put({ ...message, files });
      }
    }
  }

  /** The replies of a thread without its parent, oldest first. */
  replies(channel: string, parentTs: string): Message[] {
    const all = [...this.#conversation(channel).messages.values()];
    return all.filter((message) => message.thread_ts === parentTs && message.ts !== parentTs);
  }

  /** What stands in the channel itself, oldest first. */
  topLevel(channel: string): Message[] {
    const all = [...this.#conversation(channel).messages.values()];
    const isTop = (each: Message) => each.thread_ts === undefined || each.subtype === 'thread_broadcast';
    return all.filter(isTop);
  }

  ephemerals(user: string): readonly EphemeralMessage[] {
    return this.#ephemerals.filter((each) => each.user === user);
  }

  addEphemeral(message: Omit<EphemeralMessage, 'ts' | 'is_ephemeral'>): EphemeralMessage {
    const kept: EphemeralMessage = { ...message, ts: this.clock.next(), is_ephemeral: true };
    this.#ephemerals.push(kept);
    this.changed({ kind: 'ephemeral', user: kept.user });
    return kept;
  }

  /** Puts another text in an ephemeral message's place, or takes it away. */
  replaceEphemeral(old: EphemeralMessage, changed: EphemeralMessage | undefined): void {
    this.#ephemerals = this.#ephemerals.flatMap((each) =>
      each.ts !== old.ts ? [each] : changed === undefined ? [] : [changed],
    );
    this.changed({ kind: 'ephemeral', user: old.user });
  }

  /** What a reload of the client does: ephemeral messages and open modals are gone. */
  forgetOnReload(user: string): void {
    this.#ephemerals = this.#ephemerals.filter((each) => each.user !== user);
    this.modals.delete(user);
    this.changed({ kind: 'ephemeral', user });
    this.changed({ kind: 'view', user });
  }

  #conversation(channel: string): Conversation {
    const found = this.conversations.get(channel);
    if (found === undefined) throw new SlackRefusal('channel_not_found');
    return found;
  }
}
