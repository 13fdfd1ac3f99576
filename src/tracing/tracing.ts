import type { Tracing as Setting } from '../config/tracing.ts';
import type { Tracing, TracingParts } from './contract.ts';

const off: Tracing = {
  queue: (queue) => queue,
  run: (run) => run,
  handle: (handle) => handle,
  observe: () => {},
  stop: async () => {},
};

/** OpenTelemetry is loaded only where it is asked for. Throws what reading a secret throws. */
export async function startTracing(setting: Setting | undefined, parts: TracingParts): Promise<Tracing> {
  if (setting === undefined) return off;
  const { exporting } = await import('./exporting.ts');
  return exporting(setting, parts);
}
