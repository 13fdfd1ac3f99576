import type { At, Millis } from '../../pipeline/domain/time.ts';

/** Milliseconds between two looks at what drains. */
export const lookAgain: Millis = 200;

/**
 * How many of the open WebSockets are to be closed at this look. They are left alone for the first half of a drain;
 * in the second one they go one by one, so that their clients do not all come back in the same moment; at the
 * deadline the last one is gone. Depends on nothing that was known before, so it is right whoever looks.
 */
export function closingNow(open: number, since: At, deadline: At, now: At): number {
  if (now >= deadline) return open;
  if (now < closingFrom(since, deadline)) return 0;
  return Math.min(open, Math.ceil((open * lookAgain) / (deadline - now)));
}

/** When the first WebSocket of a drain may be closed. */
export const closingFrom = (since: At, deadline: At): At => since + Math.ceil((deadline - since) / 2);

/** The ids of the sessions in `show sess` that a server has, oldest first. */
export const sessionsOf = (text: string, backend: string, servers: readonly string[]): string[] =>
  text
    .split('\n')
    .filter(
      (line) => line.includes(` be=${backend} `) && servers.some((name) => line.includes(` srv=${name} `)),
    )
    .flatMap((line) => /^(0x[0-9a-f]+):/.exec(line)?.[1] ?? []);

/** Whether `show sess <id>` shows a connection that was upgraded: HAProxy only passes its bytes on. */
export const isUpgraded = (text: string): boolean => /\bstatus=101\b/.test(text);
