import { type IQueueBackend, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Outcome } from '../pipeline/domain/task.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Attempt } from '../pipeline/task-queue.ts';
import type { Reach } from './link.ts';

/** What came of renewing locks that a call asked for at `asked` on the monotonic clock. */
export interface Renewal {
  asked: Millis;
  renewed: string[];
  lost: string[];
}

/** BullMQ's worker, which also tells what became of every renewal and takes an end without waiting. */
export class AttemptWorker extends Worker<Attempt, Outcome, string, IQueueBackend, string, unknown> {
  /** Called after each renewal, with the ids whose locks are still ours and those whose are not. */
  onRenewal: (renewal: Renewal) => void = () => {};

  constructor(
    name: string,
    processor: Processor<Attempt, Outcome, string, string>,
    opts: Omit<WorkerOptions<unknown>, 'connection' | 'autorun'>,
    reach: Reach,
  ) {
    super(name, processor, { ...opts, connection: reach.connection, autorun: false }, reach.factory);
  }

  override async extendJobLocks(ids: string[], tokens: string[], duration: number): Promise<string[]> {
    const asked = performance.now();
    const lost = await super.extendJobLocks(ids, tokens, duration);
    this.onRenewal({ asked, lost, renewed: ids.filter((id) => !lost.includes(id)) });
    return lost;
  }

  /** Lets go of everything without waiting for what runs: its locks run out and others take it. */
  async abandon(): Promise<void> {
    await this.lockManager.close();
    await this.backend.close(true);
  }
}
