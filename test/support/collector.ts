import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: Record<string, unknown>;
}

interface Sent {
  resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[];
}

type SentSpan = Omit<Span, 'attributes'> & {
  attributes: { key: string; value: Record<string, unknown> }[];
};

/** A collector of traces that speaks OTLP over HTTP as JSON, and keeps what it was sent. */
export async function startCollector() {
  const spans: Span[] = [];
  const authorizations = new Set<string | undefined>();
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Sent;
    authorizations.add(request.headers.authorization);
    const sent = body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    spans.push(...sent.map((span) => ({ ...span, attributes: plain(span.attributes) })));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans,
    authorizations,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const plain = (attributes: SentSpan['attributes']): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
