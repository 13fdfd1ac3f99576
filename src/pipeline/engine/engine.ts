import type { FilesSeen } from '../decide/files.ts';
import type { Answer, PipelineCommand } from '../domain/command.ts';
import type { Millis } from '../domain/time.ts';
import { runClock } from './clock.ts';
import { Deciding } from './deciding.ts';
import { enqueueWanted } from './enqueue.ts';
import { nothingHeld } from './freezes.ts';
import { lookAtGroups } from './groups.ts';
import { recordEnded } from './outcomes.ts';
import type { EngineParts } from './parts.ts';
import { Reports } from './reports.ts';
import { Round } from './round.ts';
import { stopTasks } from './stopping.ts';
import { sweepQueue } from './sweep.ts';

export interface Engine {
  handle(command: PipelineCommand): Promise<Answer>;
  /** Leaves the trace of a request that was no command, or was refused before it became one. */
  traced(asked: Pick<PipelineCommand, 'service' | 'by' | 'verified'>, answer: Answer): Promise<Answer>;
  /** Writes down what was seen of the operators' files. Committed when it resolves. */
  files(seen: FilesSeen): Promise<void>;
  /** Called after each commit. */
  subscribe(listener: () => void): () => void;
  start(): void;
  /** Ends the loops; what is in flight is committed first. */
  stop(): Promise<void>;
  /** Why the engine cannot work now, as a sentence; undefined when it can. */
  trouble(): string | undefined;
}

/**
 * Rounds beside each other: one enqueues what was committed, one records what ended, one looks at groups. All may be
 * interrupted at any point: what was committed is enqueued by the next round, and what ended is found by paging the queue, told of or not.
 */
export function createEngine(parts: EngineParts): Engine {
  const { ledger, queue, log, now } = parts;
  const listeners = new Set<() => void>();
  const deciding = new Deciding(parts, () => {
    ordering.wake();
    gathering.wake();
    for (const listener of listeners) listener();
  });
  const clockState = { startedAt: now(), surveyedAt: 0, seen: new Map(), held: nothingHeld() };
  const failed = (error: unknown): void =>
    log.warn({ error: words(error) }, 'a round of the engine failed; the next one takes up what it left');
  // Beside each other, so that neither's way to the queue and back holds up the other.
  const reports = new Reports(now);
  const recording = new Round(() => recordEnded(parts, deciding, reports), failed);
  const ordering = new Round(async () => {
    await stopTasks(parts, deciding);
    await enqueueWanted(parts);
  }, failed);
  // What happened to one service may be what the others of its group wait for.
  const groupsSeen = { begun: false };
  const gathering = new Round(() => lookAtGroups(parts, deciding, groupsSeen), failed);
  const rounds = [recording, ordering, gathering];
  const stops: (() => void)[] = [];

  function repeat(every: Millis, work: () => Promise<void>, what: string): void {
    let busy = false;
    const stop = (parts.repeat ?? repeatedly)(every, () => {
      if (busy) return;
      busy = true;
      work()
        .catch((error: unknown) => log.warn({ error: words(error), what }, 'a timed round failed'))
        .finally(() => {
          busy = false;
        });
    });
    stops.push(stop);
  }

  return {
    handle: (command) => deciding.command(command),
    traced: (asked, answer) => deciding.traced(asked, answer),
    files: (seen) => deciding.files(seen),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      clockState.startedAt = now();
      queue.onEnded((ended) => {
        reports.tell(ended);
        recording.wake();
      });
      queue.onWake(() => {
        reports.mustLook();
        recording.wake();
      });
      queue.onProgress((id, note) => {
        ledger
          .progress(id, note)
          .catch((error: unknown) => log.warn({ error: words(error) }, 'a note was lost'));
      });
      repeat(parts.every?.clock ?? 500, () => runClock(parts, deciding, clockState), 'clock');
      repeat(
        parts.every?.sweep ?? 1_000,
        async () => {
          await sweepQueue(parts);
          for (const round of rounds) round.wake();
        },
        'sweep',
      );
      for (const round of rounds) round.start();
    },
    stop: async () => {
      for (const stop of stops.splice(0)) stop();
      await Promise.all(rounds.map((round) => round.stop()));
      await deciding.idle();
    },
    trouble: () => {
      const error = rounds.map(({ trouble }) => trouble).find((one) => one !== undefined);
      return error === undefined ? undefined : `Nothing goes on just now: ${words(error)}`;
    },
  };
}

function repeatedly(every: Millis, work: () => void): () => void {
  const timer = setInterval(work, every);
  return () => clearInterval(timer);
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
