import type { FilesSeen } from '../decide/files.ts';
import type { Answer, PipelineCommand } from '../domain/command.ts';
import type { Millis } from '../domain/time.ts';
import { runClock } from './clock.ts';
import { Deciding } from './deciding.ts';
import { enqueueWanted } from './enqueue.ts';
import { nothingHeld } from './freezes.ts';
import { recordEnded } from './outcomes.ts';
import type { EngineParts } from './parts.ts';
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
 * The loop: commit, enqueue, record outcomes. Everything in it may be interrupted at any point: what was committed
 * is enqueued by the next round, and what ended is found by paging the queue.
 */
export function createEngine(parts: EngineParts): Engine {
  const { ledger, queue, log, now } = parts;
  const listeners = new Set<() => void>();
  const deciding = new Deciding(parts, () => {
    wakeUp();
    for (const listener of listeners) listener();
  });
  const clockState = { startedAt: now(), surveyedAt: 0, seen: new Map(), held: nothingHeld() };
  let trouble: string | undefined;
  let stopped = true;
  let again = false;
  let running: Promise<void> | undefined;
  const stops: (() => void)[] = [];

  /** One round after the other, never two at once; a wake during a round starts another. */
  function wakeUp(): void {
    again = true;
    if (running !== undefined || stopped) return;
    running = rounds().finally(() => {
      running = undefined;
    });
  }

  async function rounds(): Promise<void> {
    while (again && !stopped) {
      again = false;
      try {
        await recordEnded(parts, deciding);
        await stopTasks(parts, deciding);
        await enqueueWanted(parts);
        trouble = undefined;
      } catch (error) {
        trouble = `Nothing goes on just now: ${words(error)}`;
        log.warn({ error: words(error) }, 'a round of the engine failed; the next one takes up what it left');
      }
    }
  }

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
      stopped = false;
      clockState.startedAt = now();
      queue.onWake(wakeUp);
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
          wakeUp();
        },
        'sweep',
      );
      wakeUp();
    },
    stop: async () => {
      stopped = true;
      for (const stop of stops.splice(0)) stop();
      await running;
      await deciding.idle();
    },
    trouble: () => trouble,
  };
}

function repeatedly(every: Millis, work: () => void): () => void {
  const timer = setInterval(work, every);
  return () => clearInterval(timer);
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
