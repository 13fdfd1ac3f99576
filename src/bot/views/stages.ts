import type { StageRecord } from '../../pipeline/domain/stage-record.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import { bar, elapsed, plural } from './format.ts';
import { stageSigns } from './words.ts';

type Records = Record<string, StageRecord | undefined>;
type Expected = Partial<Record<string, Millis>>;

/**
 * `✅ build 12s  ›  🔄 bake 3s (running)  ›  ⚪ verify (waiting)`: every stage with its state and time. Without `now` what runs has no
 * time: it waits, and its time would grow old.
 */
export function stageLine(stages: readonly string[], records: Records, now: At | undefined): string {
  return stages.map((stage) => stageWords(stage, records[stage], now)).join('  ›  ');
}

function stageWords(stage: string, record: StageRecord | undefined, now: At | undefined): string {
  const state = record?.state ?? 'waiting';
  const end = record?.endedAt ?? now;
  const took = record?.beganAt === undefined || end === undefined ? undefined : end - record.beganAt;
  const time = took === undefined || state === 'waiting' || state === 'skipped' ? '' : ` ${elapsed(took)}`;
  const name = state === 'running' || state === 'failed' ? `*${stage}*` : stage;
  // A time alone says that it passed; every other state has its word beside the sign.
  const word = state === 'passed' ? '' : ` (${state})`;
  return `${stageSigns[state]} ${name}${time}${word}`;
}

/** `▰▰▰▱▱▱▱▱▱▱`: a running stage counts by its usual time. */
export function progressBar(
  stages: readonly string[],
  records: Records,
  expected: Expected,
  now: At,
): string {
  const share = stages.reduce((sum, stage) => sum + shareOf(records[stage], expected[stage], now), 0);
  return bar(share / stages.length);
}

/** `2 of 5 stages · 15s so far, usually 1m`. */
export function progressWords(
  stages: readonly string[],
  records: Records,
  expected: Expected,
  now: At,
): string {
  const done = stages.filter((stage) => isDone(records[stage])).length;
  const began = stages.map((stage) => records[stage]?.beganAt).find((at) => at !== undefined);
  const soFar = began === undefined ? '' : ` · ${elapsed(now - began)} so far`;
  const known = stages.map((stage) => expected[stage]).filter((time) => time !== undefined);
  const usually =
    known.length < stages.length ? '' : `, usually ${elapsed(known.reduce((sum, time) => sum + time, 0))}`;
  return `${done} of ${plural(stages.length, 'stage')}${soFar}${soFar === '' ? '' : usually}`;
}

/** How long the stages of a deployment usually take in an environment, by stage. */
export function usualIn(environment: string, expected: Expected): Expected {
  const prefix = `${environment}/`;
  return Object.fromEntries(
    Object.entries(expected)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, time]) => [name.slice(prefix.length), time]),
  );
}

const isDone = (record: StageRecord | undefined): boolean =>
  record?.state === 'passed' || record?.state === 'skipped';

function shareOf(record: StageRecord | undefined, usual: Millis | undefined, now: At): number {
  if (isDone(record)) return 1;
  if (record?.state !== 'running' || record.beganAt === undefined || usual === undefined || usual <= 0)
    return 0;
  return Math.min(0.9, Math.max(0, (now - record.beganAt) / usual));
}

/** How long all of them took together, from the first beginning to the last end. */
export function span(stages: readonly string[], records: Records, now: At): Millis | undefined {
  const began = stages.map((stage) => records[stage]?.beganAt).filter((at) => at !== undefined);
  const ended = stages.map((stage) => records[stage]?.endedAt).filter((at) => at !== undefined);
  const first = Math.min(...began);
  if (!Number.isFinite(first)) return undefined;
  const running = stages.some((stage) => records[stage]?.state === 'running');
  return Math.max(0, (running ? now : Math.max(...ended, first)) - first);
}
