/** Where the queue says what happens to it: a static message with fields. pino's loggers fit. */
export interface QueueLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** For tests and tools that do not want to hear. */
export const silent: QueueLog = { info: () => {}, warn: () => {}, error: () => {} };
