import type { Answer, PipelineCommand, Refusal } from '../domain/command.ts';
import type { TrailEvent } from '../domain/event.ts';
import type { Grant } from '../domain/grant.ts';
import type { TextRef } from '../domain/time.ts';
import type { About, TrailEntry } from '../domain/trail.ts';
import type { Ledger } from '../ledger.ts';
import { loadClean, withoutSecrets } from './clean.ts';
import type { EngineParts } from './parts.ts';

interface Trail {
  events: TrailEvent[];
  texts: Record<TextRef, string>;
}

/** A request, or what is known of one that was a question, or was refused before it became a command. */
export type Asked = Pick<PipelineCommand, 'service' | 'by' | 'verified'> &
  Partial<Pick<PipelineCommand, 'do'>>;

/** The line of the audit trail for a command: who asked for what, where, and why it was allowed or refused. */
export function trailOf(
  command: Asked,
  answer: Answer,
  grants: Grant[],
  textRef: (text: string) => TextRef,
): Trail {
  const texts: Record<TextRef, string> = {};
  const text = (words: string): TextRef => {
    const ref = textRef(words);
    texts[ref] = words;
    return ref;
  };
  const { verified = {} } = command;
  const entry: TrailEntry = {
    command: command.do ?? 'ask',
    by: command.by,
    outcome: 'refused' in answer ? answer.refused : 'accepted',
    said: text(answer.sentence),
    about: aboutOf(command, answer),
    grants,
    ...(verified.channel === undefined ? {} : { channel: verified.channel }),
    ...(verified.card === undefined ? {} : { card: verified.card }),
    ...(verified.groups === undefined ? {} : { groups: verified.groups }),
    ...(verified.breakGlass === undefined ? {} : { breakGlass: text(verified.breakGlass) }),
  };
  return { events: [{ type: 'CommandDecided', service: command.service, entry }], texts };
}

const kept = ['version', 'environment', 'deployment', 'image', 'settings'] as const;

/** What the command named, and what came of it. Words that it held lie with the events that they belong to. */
function aboutOf(command: object, answer: Answer): About {
  const named: object = { ...command, ...('accepted' in answer ? answer : {}) };
  return Object.fromEntries(Object.entries(named).filter(([key]) => kept.some((one) => one === key)));
}

const placeholder = /\{(t[0-9a-f]{40})\}/g;

/** An answer with the texts of the side table in it that its sentence names. */
export async function withTexts<A extends Answer | Refusal>(
  ledger: Pick<Ledger, 'words'>,
  answer: A,
  fresh: Record<TextRef, string> = {},
): Promise<A> {
  const refs = [...answer.sentence.matchAll(placeholder)].flatMap(([, ref]) => ref ?? []);
  if (refs.length === 0) return answer;
  const known = { ...(await ledger.words(refs)), ...fresh };
  const sentence = answer.sentence.replace(placeholder, (_, ref: string) => known[ref] ?? '[erased]');
  return { ...answer, sentence };
}

/** Writes the trace of a question or of a refusal: it changes nothing else. */
export async function leaveTrace(asked: Asked, answer: Answer, parts: EngineParts): Promise<void> {
  const { facts } = await loadClean(parts, asked.service, {});
  const trail = trailOf(asked, answer, [], facts.textRef);
  await parts.ledger.commit({
    at: parts.now(),
    by: asked.by,
    expect: {},
    events: trail.events,
    texts: withoutSecrets(parts, trail.texts),
    orders: [],
    stop: [],
    channel: '',
  });
}
