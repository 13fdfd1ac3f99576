import { createRequire, syncBuiltinESMExports } from 'node:module';
import { DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { BullMQOtel } from 'bullmq-otel';
import type { Tracing as Setting } from '../config/tracing.ts';
import { bakeryVersion } from '../ops/version.ts';
import type { EngineLog } from '../pipeline/engine/parts.ts';
import { settles } from '../queue/away.ts';
import type { Tracing, TracingParts } from './contract.ts';
import { KnownIds } from './known-ids.ts';
import { spansOfCommands } from './of-commands.ts';
import { spansOfCommits } from './of-commits.ts';
import { spansOfTasks } from './of-tasks.ts';
import { withoutQueries } from './without-queries.ts';

/** How long the end of a process waits for spans that were not sent yet, in milliseconds. */
const lastWords = 3_000;

/** Sends spans to a collector by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export async function exporting(
  setting: Setting,
  { installation, role, secret, log }: TracingParts,
): Promise<Tracing> {
  const headers: Record<string, string> = {};
  for (const [name, reference] of Object.entries(setting.headers)) headers[name] = await secret(reference);
  diag.setLogger(toLog(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const ids = new KnownIds();
  const exporter = new OTLPTraceExporter({ url: setting.url, headers, timeoutMillis: 10_000 });
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({
      'service.name': 'bakery',
      'service.version': bakeryVersion(),
      'service.namespace': installation,
      'bakery.role': role,
    }),
    spanProcessors: [withoutQueries(new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 }))],
  });
  provider.register();
  instrument();
  const parts = { installation, tracer: trace.getTracer('bakery', bakeryVersion()), ids };
  return {
    telemetry: new BullMQOtel({ tracerName: 'bullmq' }),
    ...spansOfTasks(parts),
    handle: spansOfCommands(parts),
    observe: spansOfCommits(parts),
    stop: async () => {
      await settles(provider.shutdown(), lastWords);
    },
  };
}

/** Calls to clouds, engines and services are spans where they belong to a task; nothing else is. */
function instrument(): void {
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation({
        disableIncomingRequestInstrumentation: true,
        requireParentforOutgoingSpans: true,
      }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
    ],
  });
  // What is loaded already has Node.js' own modules: they are changed in place as soon as one is required.
  const require = createRequire(import.meta.url);
  require('http');
  require('https');
  syncBuiltinESMExports();
}

/** A collector that is away costs spans, and a line in the log, nothing else. */
const toLog = (log: EngineLog) => {
  const say = (message: string) => log.warn({ trouble: message.slice(0, 300) }, 'traces were not sent');
  const silent = () => {};
  return { error: say, warn: say, info: silent, debug: silent, verbose: silent };
};
