import type { CardEvent } from '../../pipeline/domain/event.ts';
import type { Topic } from '../../pipeline/domain/messages.ts';
import type { StageFailure } from '../../pipeline/domain/release.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { failureSentence } from './failure.ts';
import { oneLine } from './format.ts';

/** A sentence for the thread, and what it is about: each service chooses which of these are worth a message. */
export interface Told {
  words: string;
  topic: Topic;
  /** Told wherever the service chose less: somebody asked for it; in the channel too, when rules were put aside. */
  always?: 'in the thread' | 'in the channel';
  /** Below the sentence, not in the notification. */
  detail?: string | undefined;
  /** Who must act, and is mentioned. */
  mentions?: string[];
  /** What it asks is decided: nobody is called on any more. */
  isOver?: true;
}

/** What a note calls its release, and the environment. */
export interface Named {
  name: string;
  where: string;
}

type OfCard = Extract<CardEvent, { version: number }>;
/** Events of a deployment, and of what is in a slot. */
export type OfDeployment = Extract<OfCard, { environment: string }>;
export type OfRelease = Exclude<OfCard, OfDeployment>;

export const because = (reason: string | undefined, texts: NoteView['texts']): string =>
  reason === undefined ? '' : ` Reason: ${oneLine(texts[reason] ?? '[erased]', 400)}`;

export const hookFailed = (
  name: string,
  { hook, failure }: { hook: string; failure: StageFailure },
  texts: NoteView['texts'],
): string =>
  `⚠️ ${name} goes on without its hook *${oneLine(hook, 40)}* at *${oneLine(failure.stage, 40)}*: ${failureSentence(failure, texts)}`;

export const leftOver = (name: string, why: string): string =>
  `⚠️ Something that ${name} had made could not be removed: ${why} An operator has to look.`;

export const notTakenBack = (name: string, where: string, why: string): string =>
  `🚨 The traffic of ${where} did not go back from ${name}: ${why} Until something else serves, ${name} stays. Bakery goes on trying, and starts what was live before anew from its image where that may still be launched.`;
