import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFields, parseJson } from './fields.ts';
import type { Fields } from './types.ts';

const BODY_LIMIT = 20_000_000;

/** The whole body of a request; rejects above 20 MB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > BODY_LIMIT)
      throw new Error('The body of the request is above 20 MB; nothing was done with it.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The fields of a JSON or form body. */
export function parseBody(body: Buffer, contentType: string): Fields {
  if (contentType.includes('json')) return asFields(parseJson(body.toString('utf8')));
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(JSON.stringify(body));
}
