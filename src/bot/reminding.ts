import type { At } from '../pipeline/domain/time.ts';
import type { NoteView } from '../pipeline/views.ts';
import { reminded } from './views/consent-note.ts';
import type { Note } from './views/drawn.ts';
import { userIds } from './views/format.ts';

/** What the bot has to know to remind people while they work. */
export interface Reminding {
  /** Those whom the configuration names one by one, as `team/user`: Slack is asked for their time zones. */
  people(): readonly string[];
  /** Zones of people by `team/user`, kept by the bot; read when the next reminder is set. */
  zones: Map<string, string>;
  /** Whether it is working time of the service where this person lives. */
  isAtWork(service: string, key: string, at: At): boolean;
}

/**
 * A reminder notifies those who are at work when it comes; the others are named in it, and notified by a later one.
 * Where nobody is known to be at work all are: it is for somebody.
 */
export function toThoseAtWork(view: NoteView, drawing: Note, { isAtWork }: Reminding): Note {
  const { service } = view.policy;
  const atWork = userIds(reminded(view).filter((key) => isAtWork(service, key, view.at)));
  return atWork.length === 0 ? drawing : { ...drawing, mentions: atWork };
}
