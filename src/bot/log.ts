import { type Logger, LogLevel } from '@slack/bolt';

/** Structured logs: fields first, then a static message (pino's own shape). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Bolt's and the SDK's logs in ours. Their debug level prints whole payloads, so it is left out. */
export function boltLogger(log: Log, part: string): Logger {
  const words = (parts: unknown[]): string => parts.map(String).join(' ').slice(0, 2000);
  return {
    debug: () => {},
    info: (...parts) => log.debug({ part, says: words(parts) }, 'slack sdk'),
    warn: (...parts) => log.warn({ part, says: words(parts) }, 'slack sdk warns'),
    error: (...parts) => log.error({ part, says: words(parts) }, 'slack sdk reports an error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
