import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** One call to a cloud as a span below the task that makes it; outside of one, and where nothing is traced, just the call. */
export function tracedCall<T>(name: string, call: () => Promise<T>): Promise<T> {
  if (trace.getSpan(context.active()) === undefined) return call();
  return trace.getTracer('bakery').startActiveSpan(name, { kind: SpanKind.CLIENT }, async (span) => {
    try {
      return await call();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
