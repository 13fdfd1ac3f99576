import type { SpanContext } from '@opentelemetry/api';
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace-node';

/** Random ids, but for a span that is known by its name. */
export class KnownIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: Pick<SpanContext, 'traceId' | 'spanId'> | undefined;

  generateTraceId = (): string => this.#next?.traceId ?? this.#random.generateTraceId();
  generateSpanId = (): string => this.#next?.spanId ?? this.#random.generateSpanId();

  /** The one span that `start` starts has these ids. */
  for<T>(ids: Pick<SpanContext, 'traceId' | 'spanId'>, start: () => T): T {
    this.#next = ids;
    try {
      return start();
    } finally {
      this.#next = undefined;
    }
  }
}
