import type { Event } from '../../pipeline/domain/event.ts';
import type { FilesView, NoteView } from '../../pipeline/views.ts';
import { drawn, section } from './blocks.ts';
import type { Card } from './drawn.ts';
import { code, elapsed, inWords, oneLine, person, plural } from './format.ts';

/** What a channel is told when the operators' files changed; undefined for any other event. */
export function filesNotice({ event, texts }: Pick<NoteView, 'event' | 'texts'>): Card | undefined {
  if (event.type === 'FilesTaken') return card(takenWords(event), false);
  if (event.type !== 'FilesRefused') return undefined;
  const words = `⚠️ Bakery's files were changed by ${person(event.by)}, and they are not right: nothing of the change is in force, what was before goes on, and Bakery would not start again with them. ${plural(event.count, 'problem')}:`;
  return card(`${words}\n${listed(texts[event.problems] ?? '[erased]')}`, true);
}

const card = (words: string, needsPerson: boolean): Card => ({
  ...drawn(words, [section(words)]),
  final: true,
  needsPerson,
  moving: false,
});

function takenWords({ by, changed, gone, restart }: Event & { type: 'FilesTaken' }): string {
  const files = Object.keys(changed);
  const what = [
    ...(files.length === 0 ? [] : [`${names(files)} changed`]),
    ...(gone.length === 0 ? [] : [`${names(gone)} went`]),
  ];
  const said = what.length === 0 ? 'are as they were before' : `were changed by ${person(by)}`;
  const list = what.length === 0 ? '' : ` (${what.join('; ')})`;
  const later =
    restart.length === 0
      ? ''
      : ` Not in force before Bakery is started again: ${inWords(restart.map((key) => code(key)))}.`;
  return `📄 Bakery's files ${said}${list}, and are in force.${later}`;
}

const names = (files: string[]): string =>
  files.length > 10
    ? `${inWords(files.slice(0, 10).map((name) => code(name)))} and ${files.length - 10} more`
    : inWords(files.map((name) => code(name)));

const mostShown = 8;

function listed(problems: string): string {
  const lines = problems.split('\n');
  const more = lines.length > mostShown ? [`… and ${lines.length - mostShown} more: \`bakery check\``] : [];
  return [...lines.slice(0, mostShown).map((line) => `• ${oneLine(line, 200)}`), ...more].join('\n');
}

/** What `/bake status` says of them; undefined while all that they say is in force. */
export function filesLine({ refused, restart, now }: FilesView): string | undefined {
  if (refused !== undefined)
    return `⚠️ Bakery's files are not right since ${elapsed(now - refused.at)}, and what was before goes on:\n${listed(refused.problems)}`;
  if (restart.length === 0) return undefined;
  return `📄 Not in force before Bakery is started again: ${inWords(restart.map((key) => code(key)))} in bot.yaml.`;
}
