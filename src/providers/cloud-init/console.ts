import { endedLine, identifier, startedLine } from './units.ts';

const ofService = new RegExp(`(?:^|[\\s\\]])${identifier}\\[\\d+\\]: (.*?)\\r?$`);

/** What a machine's console tells of the service. */
export interface Console {
  /** What the service wrote, oldest first. */
  lines: string[];
  /** Whether the service was started at all. */
  started: boolean;
  /** How the service ended, when it did so by itself. */
  ended?: string;
}

/** Reads a console: all that is not the service's own is left out. */
export function readConsole(text: string): Console {
  const all = text.split('\n').flatMap((line) => ofService.exec(line)?.[1] ?? []);
  const ended = all.find((line) => line.startsWith(endedLine));
  return {
    lines: all.filter((line) => line !== startedLine && !line.startsWith(endedLine)),
    started: all.includes(startedLine),
    ...(ended === undefined ? {} : { ended: ended.slice(endedLine.length).trim() }),
  };
}
