import type { Actor } from './actor.ts';
import type { PipelineCommand, RefusalCode } from './command.ts';
import type { Grant } from './grant.ts';
import type { At, Digest, TextRef } from './time.ts';

/** What a command was about: ids and digests, no words. */
export interface About {
  version?: number;
  environment?: string;
  deployment?: string;
  image?: Digest;
  settings?: Digest;
}

/** One line of the audit trail: who asked for what, where, and why it was allowed or refused. */
export interface TrailEntry {
  command: PipelineCommand['do'] | 'ask';
  by: Actor;
  outcome: 'accepted' | RefusalCode;
  /** What the person was told. */
  said: TextRef;
  about: About;
  /** The roles that allowed it, and the membership that they rested on. Empty when it was refused. */
  grants: Grant[];
  /** The channel of the request, and the message whose button was pressed. */
  channel?: string;
  card?: string;
  /** The user groups that the person was found in, and when Slack was asked. */
  groups?: { in: string[]; askedAt: At } | 'unknown';
  breakGlass?: TextRef;
}
