import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { typeOfFile, type Uploads } from './api/files.ts';
import { SOCKET_PATH, type SocketModeDelivery } from './delivery/socket-mode.ts';
import type { PersonDriver } from './driver.ts';
import { SimulatorSetupError, SlackRefusal } from './errors.ts';
import { asFields, parseJson } from './fields.ts';
import { parseBody, readBody, sendJson } from './http.ts';
import type { SlackSimulatorOptions } from './options.ts';
import { actFromPage, runPanelAction } from './page-api.ts';
import type { PageFeed } from './page-feed.ts';
import { pageFile } from './page-files.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { WebApi } from './web-api.ts';

/** The parts that requests are given to. They are made after listening, since they need the port. */
export interface Parts {
  readonly webApi: WebApi;
  readonly responseUrls: ResponseUrls;
  readonly uploads: Uploads;
  readonly sockets: SocketModeDelivery;
  readonly feed: PageFeed;
  readonly options: SlackSimulatorOptions;
  as(userId: string): PersonDriver;
}

/**
 * Listens on 127.0.0.1.
 * @throws SimulatorSetupError when the port is taken.
 */
export async function listen(port: number): Promise<{ server: Server; url: string }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new SimulatorSetupError(
          `The Slack simulator cannot listen on 127.0.0.1:${port}. Nothing was started; stop what uses the port, or give another one.`,
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  // A TCP server's address is an object, never a string.
  const address = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** Gives each request to its part. */
export function serve(server: Server, url: string, parts: Parts): void {
  server.on('request', (request, response) => {
    route(request, response, url, parts).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) sendJson(response, 500, { ok: false, error: 'internal_error', detail });
      else response.destroy();
    });
  });
  server.on('upgrade', (request, socket) => {
    if (isForeign(request, url) || !request.url?.startsWith(SOCKET_PATH)) socket.destroy();
    else parts.sockets.accept(request, socket);
  });
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  parts: Parts,
): Promise<void> {
  if (isForeign(request, url)) {
    sendJson(response, 403, { ok: false, error: 'The Slack simulator answers only its own page and bot.' });
    return;
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', url);
  const isPost = request.method === 'POST';
  if (pathname.startsWith('/api/'))
    await parts.webApi.handle(pathname.slice('/api/'.length), request, response);
  else if (pathname.startsWith('/actions/') && isPost) await respond(pathname, request, response, parts);
  else if (pathname.startsWith('/upload/v1/') && isPost) await upload(pathname, request, response, parts);
  else if (pathname.startsWith('/files/')) sendFile(pathname.slice('/files/'.length), response, parts);
  else if (pathname.startsWith('/archives/')) {
    response.writeHead(302, { location: `/#${pathname.slice('/archives/'.length)}` }).end();
  } else if (pathname.startsWith('/page/')) await page(pathname, searchParams, request, response, parts);
  else sendPage(pathname, response);
}

/** Another site's script always sends its Origin; a name that points here (DNS rebinding) shows in Host. */
function isForeign(request: IncomingMessage, url: string): boolean {
  const { port } = new URL(url);
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !own.includes(host)) return true;
  return origin !== undefined && !own.some((each) => origin === `http://${each}`);
}

async function page(
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const since = Number(query.get('since') ?? 0);
  if (path === '/page/events') parts.feed.open(response, since);
  else if (path === '/page/state') sendJson(response, 200, parts.feed.snapshot(since));
  else if (request.method !== 'POST')
    sendJson(response, 405, { ok: false, error: 'Only POST changes something here.' });
  else if (!request.headers['content-type']?.startsWith('application/json')) {
    sendJson(response, 415, { ok: false, error: 'Send JSON.' });
  } else {
    const body = parseJson((await readBody(request)).toString('utf8'));
    if (path === '/page/act') sendJson(response, 200, await actFromPage(body, parts.as));
    else if (path === '/page/panel') {
      sendJson(response, 200, await runPanelAction(String(asFields(body).id), parts.options));
    } else sendJson(response, 404, { ok: false, error: 'There is nothing here.' });
  }
}

async function respond(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const body = parseBody(await readBody(request), request.headers['content-type'] ?? 'application/json');
  try {
    parts.responseUrls.answer(path, body);
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    const isGone = ['used_url', 'expired_url', 'not_found'].includes(error.code);
    sendJson(response, isGone ? 404 : 400, { ok: false, error: error.code, ...error.more });
  }
}

async function upload(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
): Promise<void> {
  const body = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  const bytes = type.startsWith('multipart/form-data') ? await filePart(body, type) : body;
  const isTaken = parts.uploads.take(path.slice('/upload/v1/'.length), bytes);
  response.writeHead(isTaken ? 200 : 400, { 'content-type': 'text/plain' });
  response.end(isTaken ? `OK - ${bytes.length}` : 'The file is not expected, or not as long as was said.');
}

async function filePart(body: Buffer, type: string): Promise<Buffer> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const file = [...form.values()].find((value) => typeof value !== 'string');
  return file === undefined ? Buffer.alloc(0) : Buffer.from(await file.arrayBuffer());
}

function sendFile(id: string, response: ServerResponse, parts: Parts): void {
  const file = parts.uploads.find(id);
  if (file === undefined) sendJson(response, 404, { ok: false, error: 'file_not_found' });
  else {
    response.writeHead(200, {
      'content-type': typeOfFile(file.bytes),
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
    response.end(file.bytes);
  }
}

function sendPage(path: string, response: ServerResponse): void {
  const file = pageFile(path);
  if (file === undefined) sendJson(response, 404, { ok: false, error: 'There is nothing here.' });
  else response.writeHead(200, file.headers).end(file.body);
}
