import { type Logger, pino } from 'pino';

const secrets = new Set<string>();

/** From here on this value reads `[secret]` in every line that is logged. Short values are left out: they are words. */
export function hideInLogs(value: string): void {
  if (value.length >= 8) secrets.add(value);
}

/** A text with every registered secret replaced. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const value of secrets) shown = shown.replaceAll(value, '[secret]');
  return shown;
}

/** Structured logs, one JSON object a line, on standard output. Secrets are replaced in the finished line. */
export function createLog(level = 'info'): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => process.stdout.write(withoutSecrets(line)),
    },
  );
}
