import type { Removed } from './domain/marked.ts';
import type { At, Millis } from './domain/time.ts';
import type { NoteView } from './views.ts';

/** One message that should be in Slack: a card, kept equal to its view, or a note, posted once; what asks somebody is closed when it is decided. */
export interface Message {
  /** Opaque and unique; travels in the message's metadata so that a lost answer is found again. */
  key: string;
  channel: string;
  /** The workspace of that channel, where there are several: it never leaves by another one's token. */
  team?: string;
  content:
    | { kind: 'release card'; service: string; version: number }
    | { kind: 'deployment card'; deployment: string }
    | { kind: 'group card'; group: string; number: number }
    /** `asks`: the deployment, or the group's release, that it asks about; it is edited once that is decided. */
    | { kind: 'note'; seq: number; card: string; asks?: string }
    /** How a deployment went, once, in its card's thread. `file`: the upload that Slack may have taken. */
    | { kind: 'picture'; seq: number; card: string; file?: string }
    /** An event that belongs to no card. */
    | { kind: 'notice'; seq: number }
    | { kind: 'removed'; service: string; day: string; removed: Removed[] };
  /** Grows with each change of the rows it is drawn from. */
  revision: number;
  /** Where Slack shows it, once posted. */
  posted?: { channel: string; ts: string };
  /** Hash of the view that Slack shows now. */
  shown?: string;
  tries: number;
  notBefore: At;
  /** True once it stands in an end state: shown before progress. */
  final: boolean;
}

/** The messages that are to be shown, in the ledger, written in the same transaction as their reason. */
export interface Outbox {
  /**
   * Those whose newest revision is not shown yet and whose time has come. Of one workspace, or (`null`) of the only one;
   * of all when it is left out.
   */
  due(limit: number, team?: string | null): Promise<Message[]>;
  find(key: string): Promise<Message | undefined>;
  /** The message that Slack shows there; `team` as in `due`: two workspaces may use one id for a channel each. */
  at(channel: string, ts: string, team?: string | null): Promise<Message | undefined>;
  note(seq: number): Promise<NoteView | undefined>;
  /** One event with its words, for a message that belongs to no card. */
  told(seq: number): Promise<Pick<NoteView, 'event' | 'texts'> | undefined>;
  /** Slack took it: `hash` of what it shows, for this revision. */
  shown(key: string, at: { channel: string; ts: string; hash: string; revision: number }): Promise<void>;
  /** This upload is about to be shared: a lost answer must not make a second one. */
  uploading(key: string, file: string): Promise<void>;
  /** Slack did not take it; tried again after `wait`. */
  postponed(key: string, wait: Millis): Promise<void>;
  /** It was deleted in Slack, or never arrived: post it anew. */
  lost(key: string): Promise<void>;
  /** Nothing will ever make it shown (channel gone, and no default). Kept with its reason. */
  givenUp(key: string, why: string): Promise<void>;
}
