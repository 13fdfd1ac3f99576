import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}
export interface Answered {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ForgeServer {
  api: string;
  asked: Asked[];
  /** `away`: answers 503. `lost`: does what it is told, and its answer is lost. */
  mood: 'well' | 'away' | 'lost';
}

/** An HTTP server on this machine, for a forge whose API a test writes down. Closed when the test is over. */
export async function forgeServer(answer: (asked: Asked) => Answered): Promise<ForgeServer> {
  const forge: ForgeServer = { api: '', asked: [], mood: 'well' };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://forge');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    forge.asked.push(asked);
    const { status, body, headers } =
      forge.mood === 'away' ? { status: 503, body: {}, headers: {} } : answer(asked);
    if (forge.mood === 'lost' && asked.method !== 'GET') return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  forge.api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return forge;
}
