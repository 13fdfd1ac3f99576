import type { GroupEvent } from '../../pipeline/domain/group-event.ts';
import type { GroupView } from '../../pipeline/views.ts';
import { drawn, section } from './blocks.ts';
import type { Note } from './drawn.ts';
import { callOn, inWords, oneLine, person, userIds } from './format.ts';
import { askedFor } from './group-buttons.ts';
import { whoseYesAll } from './group-card.ts';

interface Told {
  words: string;
  /** Told in the channel too: it needs somebody, or went wrong. */
  loud?: true;
  mentions?: string[];
  /** What it asks is decided. */
  isOver?: true;
}

/** What the thread of a group's card is told of an event; undefined when the card says enough. */
export function groupNote(event: GroupEvent, view: GroupView): Note | undefined {
  const told = tell(event, view);
  if (told === undefined) return undefined;
  const { words, loud, mentions = [], isOver } = told;
  const over = isOver === undefined ? {} : { isOver };
  return { ...drawn(words, [section(words)]), final: true, broadcast: loud === true, mentions, ...over };
}

function tell(event: GroupEvent, view: GroupView): Told | undefined {
  const name = `*${oneLine(event.service, 60)} v${event.number}*`;
  const where = 'where' in event ? `*${oneLine(event.where, 40)}*` : '';
  switch (event.type) {
    case 'GroupReleaseRequested': {
      const all = event.members.map(({ service, version }) => `${oneLine(service, 60)} v${version}`);
      return { words: `📦 ${person(event.by)} asked for ${name}: ${inWords(all)}.` };
    }
    case 'GroupAsked':
    case 'GroupReminded': {
      if (askedFor(view, event.where).length === 0)
        return {
          words: `☑️ ${name} for ${where} ${howItEnded(view, event.where)}. Nobody has to decide this any more.`,
          loud: true,
          isOver: true,
        };
      const who = whoseYesAll(view, event.where);
      if (who.length === 0) return undefined;
      const how = event.type === 'GroupAsked' ? 'waits' : 'still waits';
      return {
        words: `✋ ${callOn(who)}: ${name} ${how} for your approval for ${where}, all of it at once. The buttons are on its card.`,
        loud: true,
        mentions: userIds(who),
      };
    }
    case 'GroupBegan':
      return { words: `🚀 ${name} goes to ${where}, one after the other.` };
    case 'GroupMemberDone':
      return { words: `✅ ${oneLine(event.member, 60)} is through in ${where}.` };
    case 'GroupFinished':
      return { words: `🎉 All of ${name} is live in ${where}.` };
    case 'GroupEnded':
      return {
        words: `⛔ ${oneLine(event.member, 60)} is ${oneLine(event.as, 40)}, so nothing of ${name} goes to ${where}. What is live there was not touched.`,
      };
    case 'GroupWantedAgain':
      return { words: `🔁 ${person(event.by)} asked for ${name} in ${where} again.` };
    case 'GroupOver':
      return event.as === 'cancelled' && event.by !== undefined
        ? { words: `⏹️ ${person(event.by)} cancelled ${name}.` }
        : undefined;
    default:
      return tellBack(event, view, name, where);
  }
}

function howItEnded({ release }: GroupView, where: string): string {
  const stopped = release.runs[where]?.stoppedBy;
  if (release.state === 'cancelled') return 'was cancelled';
  if (release.state === 'superseded') return `gave way to v${release.supersededBy}`;
  return release.runs[where]?.state === 'ended' && stopped !== undefined
    ? `came to nothing: ${oneLine(stopped.member, 60)} is ${oneLine(stopped.as, 40)}`
    : 'was approved';
}

function tellBack(
  event: GroupEvent,
  { texts, release }: GroupView,
  name: string,
  where: string,
): Told | undefined {
  switch (event.type) {
    case 'GroupGoingBack': {
      const { stoppedBy, by, reason } = event;
      const why = reason === undefined ? '' : ` Reason: ${oneLine(texts[reason] ?? '[erased]', 400)}`;
      return {
        words:
          stoppedBy === undefined
            ? `↩️ ${person(by)} takes ${name} back in ${where}, last one first.${why}`
            : `💥 ${oneLine(stoppedBy.member, 60)} is ${oneLine(stoppedBy.as, 40)}: ${name} goes back in ${where}, last one first.`,
        loud: true,
      };
    }
    case 'GroupMemberBack': {
      const to = release.runs[event.where]?.back?.steps.find(({ member }) => member === event.member)?.to;
      return to === undefined
        ? undefined
        : { words: `↩️ ${oneLine(event.member, 60)} is back at v${to} in ${where}.` };
    }
    case 'GroupMemberStays':
      return {
        words: `⚠️ ${oneLine(event.member, 60)} stays in ${where}: ${oneLine(texts[event.because] ?? '[erased]', 400)}`,
        loud: true,
      };
    case 'GroupWentBack': {
      const stays = release.runs[event.where]?.back?.steps.some(({ outcome }) => outcome === 'stays');
      return {
        words:
          stays === true
            ? `⚠️ ${name} is not all back in ${where}: somebody has to look at what stays.`
            : `↩️ ${name} is back in ${where}: all run what they ran before.`,
        ...(stays === true ? { loud: true as const } : {}),
      };
    }
    default:
      return undefined;
  }
}
