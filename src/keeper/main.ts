import { Kept } from './kept.ts';
import { type FromKeeper, readLines, type ToKeeper } from './wire.ts';

/**
 * A process that starts the commands of one worker and ends their process groups when the worker tells it to, when
 * their time is up, or when the worker is gone: then its end of stdin closes, however the worker died.
 */
const kept = new Map<number, Kept>();

/** False when the worker does not read as fast as the commands write: then their output waits. */
const tell = (message: FromKeeper): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

const obey = (order: ToKeeper): void => {
  const { id } = order;
  if ('end' in order) {
    kept.get(id)?.end({ killed: 'asked' });
    return;
  }
  const one = new Kept(order.begin, {
    started: (group) => tell({ id, group }),
    output: (from, text) => tell({ id, from, text }),
    over: (over) => {
      kept.delete(id);
      tell({ id, over });
    },
  });
  kept.set(id, one);
  one.begin();
};

/** The worker is gone, or wants nothing more: every group is ended, and then this process. */
const leave = async (): Promise<void> => {
  await Promise.all([...kept.values()].map((one) => one.end({ killed: 'asked' })));
  process.exit(0);
};

process.stdin.setEncoding('utf8');
process.stdin.on('data', readLines(obey));
process.stdin.once('close', () => void leave());
process.stdin.once('error', () => void leave());
// Nobody is left to tell; the groups are ended all the same.
process.stdout.on('error', () => {});
process.stdout.on('drain', () => {
  for (const one of kept.values()) one.resume();
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave());
