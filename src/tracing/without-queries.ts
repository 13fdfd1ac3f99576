import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Where instrumentations put addresses: https://opentelemetry.io/docs/specs/semconv/http/http-spans/. */
const addresses = ['url.full', 'http.url', 'http.target'];

/** Takes queries, users and passwords out of addresses: a presigned one is a key. */
export const withoutQueries = (next: SpanProcessor): SpanProcessor => ({
  onStart: (span, context) => next.onStart(span, context),
  onEnd: (span) => {
    clean(span.attributes);
    next.onEnd(span);
  },
  forceFlush: () => next.forceFlush(),
  shutdown: () => next.shutdown(),
});

function clean(attributes: ReadableSpan['attributes']): void {
  delete attributes['url.query'];
  for (const name of addresses) {
    const address = attributes[name];
    if (typeof address === 'string')
      attributes[name] = address.replace(/[?#].*$/, '').replace(/^(\w+:\/\/)[^/@]*@/, '$1');
  }
}
