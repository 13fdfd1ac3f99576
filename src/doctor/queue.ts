import type { Config } from '../config/config.ts';
import { bakeryVersion } from '../ops/version.ts';
import { lookAtQueue, type QueueLook } from '../queue/look.ts';
import { standardTimings } from '../queue/timings.ts';
import { type Finding, well, wrong } from './finding.ts';

/** A worker says every 30 s that it is there. */
const lately = 90_000;

/** The queue's server and the workers that use it. The embedded one lives in Bakery's process, which /readyz speaks for. */
export async function lookAtTheQueue({ queue, name }: Config, now: () => number): Promise<Finding[]> {
  if (queue.kind === 'embedded') return [well('The queue is embedded: Bakery carries it itself.')];
  try {
    return queueFindings(await lookAtQueue(queue.url.reveal(), `bakery-${name}`), bakeryVersion(), now());
  } catch (error) {
    return [
      wrong(
        `The queue does not answer: ${error instanceof Error ? error.message : String(error)}.`,
        'Commands are still taken, and nothing of them is done until it is back.',
        'Start its server, and look at `queue` in bot.yaml and at the firewall between.',
      ),
    ];
  }
}

/** What a look at the queue means, in sentences. `ours` is this Bakery's version. */
export function queueFindings(look: QueueLook, ours: string, now: number): Finding[] {
  return [
    well(`The queue is on ${look.server}, which answers.`),
    ...whenFull(look),
    clock(look),
    ...workers(look, ours, now),
  ];
}

function whenFull({ whenFull: policy }: QueueLook): Finding[] {
  if (policy === undefined || policy === 'noeviction') return [];
  return [
    wrong(
      `Redis throws keys away when its memory is full (maxmemory-policy ${policy}).`,
      "Those may be the queue's: tasks are then forgotten in the middle and begun anew after minutes.",
      'Set maxmemory-policy noeviction in its configuration, or give the queue a Redis of its own.',
    ),
  ];
}

function clock({ skew }: QueueLook): Finding {
  const seconds = (Math.abs(skew) / 1_000).toFixed(1);
  if (Math.abs(skew) <= standardTimings.skew)
    return well(`This machine's clock and the queue's are ${seconds} s apart.`);
  return wrong(
    `This machine's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} the queue's.`,
    'On PostgreSQL a worker with such a clock takes no tasks; deadlines and cards tell wrong times.',
    'Let both machines keep time by NTP (chrony, systemd-timesyncd).',
  );
}

function workers({ workers: all }: QueueLook, ours: string, now: number): Finding[] {
  const alive = all.filter(({ at }) => now - at <= lately);
  const silent = all.filter(({ at }) => now - at > lately);
  const other = alive.filter(({ version }) => version !== ours);
  const findings: Finding[] = [];
  if (alive.length === 0)
    findings.push(
      wrong(
        'No worker has been seen for the last minute and a half.',
        'What is asked for is written down, and nobody does it.',
        'Start one: bakery worker, or bakery start.',
      ),
    );
  else
    findings.push(
      well(
        `${alive.length} of ${all.length} workers are there: ${alive.map(({ name }) => name).join(', ')}.`,
      ),
    );
  for (const { name, at } of silent)
    findings.push(
      wrong(
        `The worker ${name} was last seen ${Math.round((now - at) / 60_000)} min ago and did not say that it left.`,
        'It was killed, hangs, or is cut off from the queue; what it had begun was given to another one.',
        'Look at its machine. It is forgotten a day after it was last seen.',
      ),
    );
  for (const { name, version } of other)
    findings.push(
      wrong(
        `The worker ${name} runs Bakery ${version}, and this is ${ours}.`,
        'A task that it does not know it leaves to a newer one, so some tasks have fewer hands than you think.',
        'Update it, and restart it: docs/installing.md.',
      ),
    );
  return findings;
}
