import { type Context, ROOT_CONTEXT, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { type TracedName, traceOfLog } from '../pipeline/domain/trace.ts';
import { hex, traceId } from './trace-id.ts';

/** The span over all of a release or deployment. */
export const wholeSpan = (installation: string, name: TracedName): SpanContext => ({
  traceId: traceId(installation, name),
  spanId: hex(`whole ${installation} ${name}`, 16),
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

/** The span over one stage, by its log; undefined for what has no trace. */
export function stageSpan(installation: string, log: string): SpanContext | undefined {
  const name = traceOfLog(log);
  if (name === undefined) return undefined;
  return { ...wholeSpan(installation, name), spanId: hex(`stage ${installation} ${log}`, 16) };
}

/** What begins in it is a child of that span. */
export const under = (parent: SpanContext): Context => trace.setSpanContext(ROOT_CONTEXT, parent);
