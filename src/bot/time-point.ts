import type { At } from '../pipeline/domain/time.ts';

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A moment as people write it: `2026-11-20T14:05`, `2026-11-20`, with `Z` or an offset when it is not meant in UTC, or
 * `14:05` for the next time that it is so late. Undefined when it is none.
 */
export function parsePoint(text: string, now: At): At | undefined {
  const alone = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (alone !== null) return nextAt(Number(alone[1]), Number(alone[2]), now);
  const [, day, time = '00:00', zone = 'Z'] = form.exec(text) ?? [];
  if (day === undefined) return undefined;
  const padded = time.length % 3 === 1 ? `0${time}` : time;
  const at = Date.parse(`${day}T${padded}${zone}`);
  return Number.isNaN(at) || new Date(`${day}T00:00Z`).toISOString().slice(0, 10) !== day ? undefined : at;
}

function nextAt(hours: number, minutes: number, now: At): At | undefined {
  if (hours > 23 || minutes > 59) return undefined;
  const today = new Date(now).setUTCHours(hours, minutes, 0, 0);
  return today > now ? today : today + 86_400_000;
}
