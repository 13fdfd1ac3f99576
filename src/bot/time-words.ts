import type { At } from '../pipeline/domain/time.ts';
import { parsePoint } from './time-point.ts';

const units: Record<string, number> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Takes the end off a reason: `… for 2h`, `… until 2026-12-01T08:00`. Undefined as `until` when none stands there;
 * `bad` holds what stood there and was no time.
 */
export function reasonAndEnd(text: string, now: At): { reason: string; until?: At; bad?: string } {
  const [, reason, , amount, unit] = /^(.*?)(\s|^)for (\d{1,4})\s?(m|min|h|d)$/.exec(text) ?? [];
  if (reason !== undefined)
    return { reason: reason.trim(), until: now + Number(amount) * (units[unit ?? ''] ?? 0) };
  const [, before, , point] = /^(.*?)(\s|^)until (\S+(?: \d{1,2}:\d{2})?)$/.exec(text) ?? [];
  if (before === undefined || point === undefined) return { reason: text };
  const until = parsePoint(point, now);
  return until === undefined ? { reason: before.trim(), bad: point } : { reason: before.trim(), until };
}
