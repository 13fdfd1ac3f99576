/** Anything with string keys that came over the wire and has not been looked at yet. */
export type Fields = Record<string, unknown>;

/** One Block Kit block as the bot sent it; the simulator adds the ids that Slack would add. */
export interface Block extends Fields {
  readonly type: string;
  readonly block_id?: string;
}

/** Somebody who sits in front of Slack. */
export interface Person {
  /** Looks like `U0ADA00001`; stable between starts, since the bot's configuration names it. */
  readonly id: string;
  /** Short name, as in `@ada`. */
  readonly name: string;
  readonly realName?: string;
  readonly email?: string;
  readonly isGuest?: boolean;
  readonly isDeactivated?: boolean;
}

/** A channel to begin with. Everybody is a member unless `members` says otherwise. */
export interface Channel {
  /** Looks like `C0DEPLOYS1`. */
  readonly id: string;
  /** Without the `#`. */
  readonly name: string;
  readonly topic?: string;
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
  /** Ids of the people in it. */
  readonly members?: readonly string[];
  /** Whether the bot was invited; true unless said otherwise. */
  readonly botIsMember?: boolean;
}

/** A user group, as `usergroups.list` shows it. */
export interface UserGroup {
  /** Looks like `S0RELEASE1`. */
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

/** Where the bot is installed and as whom. */
export interface Installation {
  readonly teamId: string;
  readonly teamName: string;
  readonly teamDomain: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly botName: string;
  readonly appId: string;
}

/** A message as Slack keeps it. `ts` is its id within the channel. */
export interface Message {
  readonly type: 'message';
  readonly subtype?: 'thread_broadcast' | 'tombstone';
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly thread_ts?: string;
  readonly metadata?: Fields;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly files?: readonly Fields[];
}

/** A message that one person sees until the next reload. */
export interface EphemeralMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly thread_ts?: string;
  readonly is_ephemeral: true;
  /** Words of Slack itself (an error), not of the bot. */
  readonly fromSlack?: true;
}

/** A modal or an App Home tab that is open. */
export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly user: string;
  readonly hash: string;
  readonly blocks: readonly Block[];
  readonly title?: Fields;
  readonly submit?: Fields;
  readonly close?: Fields;
  readonly callback_id: string;
  readonly external_id: string;
  readonly private_metadata: string;
  readonly clear_on_close: boolean;
  readonly notify_on_close: boolean;
  readonly root_view_id: string;
  readonly previous_view_id: string | null;
  /** What the last submission was refused with, by block id. */
  readonly errors?: Readonly<Record<string, string>>;
}

/** Points at a message, ephemeral or not. */
export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

/** Points at a modal or a Home tab. */
export interface ViewRef {
  readonly id: string;
}

/** What a slash command's hint shows in the composer. */
export interface KnownCommand {
  readonly command: string;
  readonly description: string;
  readonly usageHint?: string;
}

/** A shortcut of the app's manifest. */
export interface KnownShortcut {
  readonly callbackId: string;
  readonly name: string;
  readonly type: 'message' | 'global';
}

/** One call of the Web API, for counting. */
export interface ApiCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly args: Fields;
  readonly status: number;
  readonly error?: string;
}

/** What changed, so that a page need not load all again. */
export type Change =
  | { readonly kind: 'message'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'ephemeral'; readonly user: string }
  | { readonly kind: 'view'; readonly user: string }
  | { readonly kind: 'channel'; readonly channel: string };
