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

export interface LogOptions {
  /** `info` when left out. */
  level?: Level;
  /** This process's own when left out. */
  redaction?: Redaction;
  /** Fields of every line, for example `{ role: 'worker' }`. */
  base?: Record<string, string>;
  /** Standard output when left out. */
  destination?: DestinationStream;
}

const ofThisProcess = redaction();

/** From here on this value reads `[secret]` in every line that this process logs. */
export const hideInLogs = (value: string): void => ofThisProcess.hide(value);

/** A text with every value that `hideInLogs` was told of replaced. */
export const withoutSecrets = (text: string): string => ofThisProcess.clean(text);

/**
 * Bakery's log: JSON lines with static messages and fields, `at` in milliseconds. Hidden values are replaced in the
 * finished line, so that no field, child binding or stack can be forgotten.
 */
export function createLog(options: LogOptions = {}): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const { clean } = options.redaction ?? ofThisProcess;
  return pino(
    {
      level: options.level ?? 'info',
      base: options.base ?? {},
      timestamp: () => `,"at":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    },
    { write: (line: string) => destination.write(clean(line)) },
  );
}
