import type { Actor } from '../../pipeline/domain/actor.ts';
import { mention } from '../../pipeline/domain/rights.ts';
import type { At, Digest, Millis } from '../../pipeline/domain/time.ts';

/** Makes outside text harmless in mrkdwn: no mention, no link, no formatting character of Slack's own. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The text that `escaped` made harmless, for places where Slack reads no mark-up. */
export const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** A sentence of the pipeline: its mentions of people, groups and channels stay, all else is made harmless. */
export const withMentions = (text: string): string =>
  escaped(text).replace(
    /&lt;(@[UW][A-Z0-9]{1,30}|!subteam\^S[A-Z0-9]{1,30}|#[CG][A-Z0-9]{1,30})&gt;/g,
    '<$1>',
  );

/** One line of outside text, cut to `most` characters before it is escaped. */
export function oneLine(text: string, most = 200): string {
  return escaped(shorten(text.replace(/\s+/gu, ' ').trim(), most));
}

/** Cuts at a whole character and says so with an ellipsis. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, Math.max(0, most - 1));
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

export const code = (text: string): string => `\`${oneLine(text).replaceAll('`', "'")}\``;

/** The last lines of an output in a code block of at most `most` characters; empty when there are none. */
export function codeBlock(lines: string[], most = 1500): string {
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.toReversed()) {
    const safe = escaped(shorten(printable(line), 240)).replaceAll('```', "'''");
    if (size + safe.length + 1 > most) break;
    kept.unshift(safe);
    size += safe.length + 1;
  }
  const text = kept.join('\n').trimEnd();
  return text === '' ? '' : `\`\`\`\n${text}\n\`\`\``;
}

const colours = new RegExp(`${String.fromCodePoint(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');

/** Without colours and control characters, which Slack shows as boxes. */
function printable(line: string): string {
  return line.replace(colours, '').replace(/[^\P{Cc}\t\n]/gu, '');
}

/** `3s`, `1m 20s`, `2h 5m`, `4d 3h`. */
export function elapsed(ms: Millis): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${tail(seconds % 60, 's')}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h${tail(minutes % 60, 'm')}`;
  return `${Math.floor(hours / 24)}d${tail(hours % 24, 'h')}`;
}

const tail = (value: number, unit: string): string => (value === 0 ? '' : ` ${value}${unit}`);

/** A time of day in the reader's own zone. */
export const clock = (at: At): string => `<!date^${Math.floor(at / 1000)}^{time}|${utc(at).slice(11)}>`;

/** The same with seconds, for what grows old fast. */
export const clockWithSeconds = (at: At): string =>
  `<!date^${Math.floor(at / 1000)}^{time_secs}|${utc(at).slice(11)}>`;

/** A day and a time in the reader's own zone. */
export const when = (at: At): string =>
  `<!date^${Math.floor(at / 1000)}^{date_short_pretty} at {time}|${utc(at)}>`;

/** `2026-11-24 07:18 UTC`, by Howard Hinnant's civil-from-days: views know no clock and no Date. */
export function utc(at: At): string {
  const minutes = Math.floor(at / 60_000);
  const days = Math.floor(minutes / 1440);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const ofDay = minutes - days * 1440;
  return `${year}-${two(month)}-${two(day)} ${two(Math.floor(ofDay / 60))}:${two(ofDay % 60)} UTC`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Who did it, in words; a person as a mention, which an edit never notifies. */
export function person(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return actor.from === undefined
        ? `<@${escaped(actor.user)}>`
        : `somebody of the workspace ${oneLine(actor.from, 40)}`;
    case 'webhook':
      return actor.source === 'generic' ? 'a push' : `a push (${oneLine(actor.source, 40)})`;
    case 'poll':
      return 'a new commit';
    case 'clock':
      return 'Bakery';
    case 'operator':
      return `operator ${oneLine(actor.account, 60)}`;
    case 'files':
      return `the account ${oneLine(actor.account, 60)}`;
  }
}

/** Who has a right, in words: `<@U1>, <@U2> and 3 more`. */
export function people(list: string[] = [], most = 5): string {
  if (list.includes('*')) return 'any full member of the workspace';
  if (list.length === 0) return 'nobody (the operators have named no one)';
  const named = list.slice(0, most).map(mention);
  const rest = list.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : inWords(named, 'or');
}

/** Those of whom a yes is wanted, called on; where each of them asked for it himself nobody is left. */
export const callOn = (list: string[]): string =>
  list.length === 0 ? 'To whoever the operators let approve and who did not ask for it' : people(list);

/** The Slack ids of people who are named one by one in the operators' files. */
export const userIds = (list: string[] = []): string[] =>
  list.filter((key) => /\/[UW]/.test(key)).map((key) => key.slice(key.indexOf('/') + 1));

/** `a`, `a and b`, `a, b and c`. */
export function inWords(parts: string[], last = 'and'): string {
  if (parts.length <= 1) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${last} ${parts.at(-1)}`;
}

/** `sha256:` and the first twelve digits. */
export const shortDigest = (digest: Digest): string => escaped(shorten(digest, 20).replace(/…$/, ''));

export const shortSha = (sha: string): string => escaped(sha.slice(0, 7));

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = size / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? 'TB'}`;
}

/** Ten cells, filled to `share` (0 to 1). */
export function bar(share: number, full = '▰', empty = '▱'): string {
  const cells = Math.max(0, Math.min(10, Math.round((Number.isFinite(share) ? share : 0) * 10)));
  return full.repeat(cells) + empty.repeat(10 - cells);
}

export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`;
