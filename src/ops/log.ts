import { type DestinationStream, type Logger, pino } from 'pino';

/** Values that no log line may hold. */
export interface Redaction {
  /** From now on the value is replaced by `[secret]` in every line. Shorter ones than four characters are not. */
  hide(value: string): void;
  /** The text with every hidden value replaced. */
  clean(text: string): string;
}

const shortest = 4;

/** Keeps the hidden values of one process. Also to be used on what a command or an instance prints. */
export function redaction(): Redaction {
  const hidden = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    hide(value) {
      // Each line of a secret with several lines is one of its own: it may be printed alone.
      for (const form of [value, ...value.split('\n')].flatMap(spellings))
        if (form.trim().length >= shortest) hidden.add(form);
      const longestFirst = [...hidden].sort((a, b) => b.length - a.length);
      pattern = new RegExp(
        longestFirst.map((form) => form.replace(/[^\w\s]/g, '\\$&')).join('|') || '(?!)',
        'g',
      );
    },
    clean: (text) => (pattern === undefined ? text : text.replace(pattern, '[secret]')),
  };
}

/** A value as it stands by itself, in a JSON text, in a URL, and in base64. */
function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ...new Set([
      value,
      json,
      encodeURIComponent(Buffer.from(value).toString()),
      Buffer.from(value).toString('base64'),
    ]),
  ];
}

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * Bakery's log: JSON lines with static messages and fields, `at` in milliseconds. What `redaction` hides is
 * replaced in every string of a line, keys and stacks included. Writes to stdout when no destination is given.
 */
export function createLog(options: {
  level: Level;
  redaction: Redaction;
  /** Fields of every line, for example `{ role: 'worker' }`. */
  base?: Record<string, string>;
  destination?: DestinationStream;
}): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  return pino(
    {
      level: options.level,
      base: options.base ?? {},
      timestamp: () => `,"at":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      errorKey: 'error',
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    },
    // The whole line is cleaned, so that no field, child binding or stack can be forgotten.
    { write: (line: string) => destination.write(options.redaction.clean(line)) },
  );
}
