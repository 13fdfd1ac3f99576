import type { Event } from '../../pipeline/domain/event.ts';
import type { Removed } from '../../pipeline/domain/marked.ts';
import { type ReaperStop, stopInWords } from '../../pipeline/domain/reaper.ts';
import type { TextRef } from '../../pipeline/domain/time.ts';
import { drawn, section } from './blocks.ts';
import type { Card } from './drawn.ts';
import { code, inWords, oneLine, plural } from './format.ts';

/** What upkeep tells the channel by itself, outside any card; undefined for an event that is told elsewhere. */
export function notice(event: Event, texts: Record<TextRef, string> = {}): Card | undefined {
  const words = tell(event, texts);
  if (words === undefined) return undefined;
  return { ...drawn(words, [section(words)]), final: true, needsPerson: true, moving: false };
}

function tell(event: Event, texts: Record<TextRef, string>): string | undefined {
  const service = `*${oneLine(event.service, 60)}*`;
  switch (event.type) {
    case 'InstancesLost':
      return `⚠️ ${plural(event.lost.length, 'instance')} of ${service} v${event.version} in *${oneLine(event.environment, 40)}* ended or turned unhealthy without being asked to. Bakery replaces what is missing.`;
    case 'RepairsStopped':
      return `🆘 ${service} v${event.version} in *${oneLine(event.environment, 40)}* was replaced ${event.count} times within the hour and ended again. Bakery stops replacing it and needs a person: look why it ends, then \`/rollback ${oneLine(event.service, 60)}\`, release a newer version, or let Bakery go on with \`/bake repair ${oneLine(event.service, 60)} ${oneLine(event.environment, 40)}\`.`;
    case 'StandbyLost':
      return `🆘 ${service} could not go back to v${event.version} in *${oneLine(event.environment, 40)}*: ${oneLine(texts[event.because] ?? '[erased]', 400)} Bake that commit again, or keep what is live until there is another way back.`;
    case 'RescueFound':
      return `🚑 Somebody brought ${service} v${event.version} back in *${oneLine(event.environment, 40)}* with the rescue script while Bakery was away. Bakery takes it over as a rollback.`;
    case 'LedgerReconciled':
      return reconciledWords(service, event);
    case 'ReaperStopped':
      return reaperWords(event.service, event);
    default:
      return undefined;
  }
}

function reconciledWords(
  service: string,
  { highest, taken, left }: Event & { type: 'LedgerReconciled' },
): string {
  const serves =
    taken.length === 0
      ? 'What serves is what the ledger knew.'
      : `In ${inWords(taken.map((name) => `*${oneLine(name, 40)}*`))} it was not what the ledger knew: what serves there was taken over as it is.`;
  const more =
    left.length === 0
      ? 'Nothing else was found.'
      : `${plural(left.length, 'thing')} belong${left.length === 1 ? 's' : ''} to nothing that it knows. ${listed(left)}`;
  return `🗄️ Bakery's ledger was restored from a backup, and it has looked what there is of ${service}. ${serves} ${more} New versions come after v${highest}. Nothing is removed until a person says \`/bake reaper … allow\`.`;
}

/** Whether leftovers of a service are removed, and how to let it go on. */
export function reaperWords(
  service: string,
  stopped: { because: ReaperStop; found: string[] } | undefined,
): string {
  if (stopped === undefined) return `🧹 Leftovers of *${oneLine(service, 60)}* are removed within a minute.`;
  return `🛑 Leftovers of *${oneLine(service, 60)}* are not removed: ${stopInWords[stopped.because]}. ${listed(stopped.found)}\`/bake reaper ${oneLine(service, 60)} allow\` lets it go on.`;
}

const listed = (ids: string[]): string =>
  ids.length === 0
    ? ''
    : `Found: ${inWords(ids.slice(0, 5).map(code))}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}. `;

/** Once a day: what was removed because it belonged to nothing. */
export function removedNote(service: string, day: string, removed: readonly Removed[]): Card {
  const words = `🧹 On ${day} Bakery removed ${plural(removed.length, 'leftover')} of ${oneLine(service, 60)} that belonged to nothing.${saved(removed)}`;
  const shown = removed.slice(0, 20).map(lineOf);
  const more = removed.length > 20 ? [`… and ${removed.length - 20} more.`] : [];
  return {
    ...drawn(words, [section(words), section([...shown, ...more].join('\n'))]),
    final: true,
    needsPerson: false,
    moving: false,
  };
}

/** What leaving it would have cost, where prices are known. */
function saved(removed: readonly Removed[]): string {
  const sums = new Map<string, number>();
  for (const { perDay } of removed)
    if (perDay !== undefined) sums.set(perDay.currency, (sums.get(perDay.currency) ?? 0) + perDay.amount);
  if (sums.size === 0) return '';
  const amounts = [...sums].map(([currency, amount]) => `${amount.toFixed(2)} ${oneLine(currency, 10)}`);
  return ` Left alone, they would have cost about ${inWords(amounts)} a day.`;
}

const lineOf = ({ what, id, version, environment }: Removed): string =>
  `• ${what} ${code(id)} of v${version}, made for ${oneLine(environment, 40)}`;
