import type { Event } from '../../pipeline/domain/event.ts';
import { usualMessages } from '../../pipeline/domain/messages.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { drawn, section } from './blocks.ts';
import { consentNote } from './consent-note.ts';
import { decisionNote } from './decision-note.ts';
import type { Note } from './drawn.ts';
import { failurePart } from './failure.ts';
import { oneLine } from './format.ts';
import { outcomeNote } from './outcome-note.ts';
import { releaseNote } from './release-note.ts';
import type { OfDeployment, Told } from './told.ts';
import { trafficNote } from './traffic-note.ts';

/** What the thread is told of an event; undefined when the card says enough. */
export function note(view: NoteView): Note | undefined {
  const told = tell(view);
  const { thread, channel } = view.policy.messages ?? usualMessages;
  if (told === undefined || !(told.always !== undefined || thread.includes(told.topic))) return undefined;
  const failed = failureOf(view);
  const blocks = [
    section(told.words),
    ...(told.detail === undefined ? [] : [section(told.detail)]),
    ...(failed === undefined ? [] : [failurePart(failed, view.texts, 2400)]),
  ];
  const broadcast = told.always === 'in the channel' || channel.includes(told.topic);
  const over = told.isOver === undefined ? {} : { isOver: told.isOver };
  return { ...drawn(told.words, blocks), final: true, broadcast, mentions: told.mentions ?? [], ...over };
}

const failureOf = ({ event }: NoteView) =>
  event.type === 'ReleaseStageFailed' || event.type === 'DeploymentStageFailed' ? event.failure : undefined;

function tell(view: NoteView): Told | undefined {
  const { event } = view;
  if (!('version' in event)) return undefined;
  return 'environment' in event ? deploymentNote(view, event) : releaseNote(view, event, named(event));
}

const named = (event: Event): string =>
  `*${oneLine(event.service, 60)}${'version' in event ? ` v${event.version}` : ''}*`;

function deploymentNote(view: NoteView, event: OfDeployment): Told | undefined {
  const about = { name: named(event), where: `*${oneLine(event.environment, 40)}*` };
  return (
    consentNote(view, event, about) ??
    decisionNote(view, event, about) ??
    trafficNote(view, event, about) ??
    outcomeNote(view, event, about)
  );
}
