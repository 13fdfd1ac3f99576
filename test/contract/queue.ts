import { afterEach, describe } from 'vitest';
import { killChildren } from '../support/child.ts';
import { attemptPromises } from './queue-attempts.ts';
import { type QueueRig, queueBench } from './queue-bench.ts';
import { idPromises } from './queue-ids.ts';
import { lostProcessPromises, lostWorkerPromises } from './queue-lost-workers.ts';
import { awayPromises, serverPromises } from './queue-server.ts';
import { stoppingPromises } from './queue-stopping.ts';
import { workerPromises } from './queue-workers.ts';

/** What every backend of the queue promises. The titles are the promises. */
export function queueContract(rig: QueueRig): void {
  const on = queueBench(rig);

  afterEach(async () => {
    killChildren();
    await on.close();
  });

  describe(`the ${rig.kind} queue`, { timeout: 60_000 }, () => {
    attemptPromises(on);
    idPromises(on);
    stoppingPromises(on);
    workerPromises(on);
    serverPromises(on);
    if (rig.shared) lostWorkerPromises(on);
    else lostProcessPromises(on);
    if (rig.server) awayPromises(on, rig.server);
  });
}
