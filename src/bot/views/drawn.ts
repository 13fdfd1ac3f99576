import type { KnownBlock } from '@slack/types';
import type { RefusalCode } from '../../pipeline/domain/command.ts';

/** What Slack is given: the blocks, and the text that notifications and screen readers use. */
export interface Drawn {
  text: string;
  blocks: KnownBlock[];
  /** True when it tells a person no. */
  refused?: boolean;
  /** Which no, for the trail, where the pipeline was not asked. */
  because?: RefusalCode;
  /** Ids of the people who must act: only they are mentioned, all others are named. */
  mentions?: string[];
  /** What a yes began. */
  about?: { service: string; version: number } | { deployment: string };
}

/** A card: edited in place until it is final. */
export interface Card extends Drawn {
  /** Nothing on it will change by itself any more. */
  final: boolean;
  /** It waits for a person: shown before progress. */
  needsPerson: boolean;
  /** Something on it runs: the elapsed times on it grow old. */
  moving: boolean;
}

/** A note in a card's thread, posted once; edited only to say that what it asks is decided. */
export interface Note extends Drawn {
  final: boolean;
  /** Also sent to the channel: failures, and what waits for a person. */
  broadcast: boolean;
  /** What it asks is decided: it is edited when it stands somewhere, and not posted any more. */
  isOver?: true;
}
