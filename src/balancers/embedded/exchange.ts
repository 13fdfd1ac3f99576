import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { requestHeaders, responseHeaders } from './headers.ts';
import type { Upstream } from './upstream.ts';

export interface ExchangeOptions {
  /** The next member to try, none of those tried. */
  next(tried: ReadonlySet<Upstream>): Upstream | undefined;
  slot: string;
  /** The client's socket when it asks for another protocol, and what it has sent already. */
  upgrade?: { socket: Duplex; head: Buffer };
}

/** Milliseconds that one side of an upgraded connection may still talk after the other has ended. */
const halfOpen = 1000;
/** Members that one request is offered to at most. */
const attempts = 4;
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** The connection itself could not be made: nothing was sent, and the member is not there. */
const notThere = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);
const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** One request of a client, offered to one member after the other until it is answered. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: ExchangeOptions;
  readonly #tried = new Set<Upstream>();
  readonly #hasBody: boolean;
  #tries = 0;
  #bodyTaken = false;
  #controller: Dispatcher.DispatchController | undefined;
  #gone = false;

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    const { 'transfer-encoding': chunked, 'content-length': length } = request.headers;
    this.#hasBody = chunked !== undefined || (length !== undefined && length !== '0');
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.on('drain', () => this.#controller?.resume());
    response.on('close', () => this.#clientClosed());
    options.upgrade?.socket.on('close', () => this.#clientClosed());
  }

  /** Offers it to the next member, or answers that there is none. */
  offer(): void {
    const member = this.#options.next(this.#tried);
    if (member) this.#tryOn(member);
    else if (this.#tried.size > 0) this.#answer(502, 'could not be reached by any of its members');
    else this.#answer(503, 'has no healthy member right now');
  }

  #tryOn(member: Upstream): void {
    this.#tried.add(member);
    this.#tries += 1;
    member.inFlight += 1;
    let counted = false;
    const over = (failed: boolean, answered = true): void => {
      if (counted) return;
      counted = true;
      member.inFlight -= 1;
      if (answered) member.requests += 1;
      if (failed) member.failed += 1;
    };
    member.pool.dispatch(this.#order(), this.#handler(member, over));
  }

  #order(): Dispatcher.DispatchOptions {
    const { url = '/', method = 'GET', headers } = this.#request;
    return {
      path: url,
      // Any method that Node's parser let through; undici passes on what is a token.
      method: method as Dispatcher.HttpMethod,
      headers: requestHeaders(this.#request),
      body: this.#hasBody ? this.#body() : null,
      ...(this.#options.upgrade ? { upgrade: headers.upgrade ?? 'websocket' } : {}),
    };
  }

  /** Read only once a connection stands, and never destroying the client's connection when it is left early. */
  #body(): NonNullable<Dispatcher.DispatchOptions['body']> {
    const take = (): AsyncIterator<Buffer> => {
      this.#bodyTaken = true;
      return this.#request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
    };
    // undici's type wants a Readable; its code takes any async iterable.
    return { [Symbol.asyncIterator]: take } as unknown as NonNullable<Dispatcher.DispatchOptions['body']>;
  }

  #handler(
    member: Upstream,
    over: (failed: boolean, answered?: boolean) => void,
  ): Dispatcher.DispatchHandler {
    let sent = false;
    let status = 0;
    return {
      onRequestStart: (controller) => {
        sent = true;
        this.#controller = controller;
        if (this.#gone) controller.abort(new Error('the client is gone'));
      },
      onRequestUpgrade: (controller, code, _headers, socket) =>
        this.#join(code, rawHeaders(controller), socket, over),
      onResponseStart: (controller, code, _headers, message) => {
        if (code < 200) return;
        status = code;
        this.#response.writeHead(code, message ?? '', responseHeaders(rawHeaders(controller)));
        this.#response.flushHeaders();
      },
      onResponseData: (controller, chunk) => {
        if (!this.#response.write(chunk)) controller.pause();
      },
      onResponseEnd: () => {
        over(status >= 500);
        this.#response.end();
        // What the member did not want to read must not stay in the way of the client's next request.
        if (!this.#request.complete) this.#request.resume();
      },
      onResponseError: (_controller, error) => {
        over(!this.#gone, !this.#gone);
        if (!this.#gone) this.#failed(member, error, sent, status > 0);
      },
    };
  }

  #failed(member: Upstream, error: Error, sent: boolean, answering: boolean): void {
    const code = 'code' in error ? String(error.code) : '';
    this.#controller = undefined;
    if (answering) this.#response.destroy();
    else if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
      this.#answer(400, 'cannot pass this request on, its form is not allowed');
    else if (!sent && notThere.has(code)) {
      member.eject(error.message);
      this.#again(502);
    } else if (timeouts.has(code)) this.#answer(504, 'did not answer in time');
    else {
      member.suspect();
      if (!sent || this.#mayRepeat()) {
        // A kept connection that the member closed at this moment says nothing against the member.
        if (this.#tries === 1 && !this.#options.next(this.#tried)) this.#tried.clear();
        this.#again(502);
      } else this.#answer(502, 'broke the connection before it answered');
    }
  }

  #mayRepeat(): boolean {
    return idempotent.has(this.#request.method ?? '') && !this.#bodyTaken;
  }

  #again(status: number): void {
    if (this.#tries < attempts) this.offer();
    else this.#answer(status, 'could not be reached by any of its members');
  }

  /** The member speaks the other protocol: from here on bytes go both ways until one side ends. */
  #join(code: number, headers: string[], member: Duplex, over: (failed: boolean) => void): void {
    const { upgrade } = this.#options;
    if (!upgrade || this.#gone) {
      member.destroy();
      over(false);
      return;
    }
    const client = upgrade.socket;
    if (client instanceof Socket) this.#response.detachSocket(client);
    let head = `HTTP/1.1 ${code} Switching Protocols\r\n`;
    for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    client.write(Buffer.from(`${head}\r\n`, 'latin1'));
    if (upgrade.head.length > 0) client.unshift(upgrade.head);
    const closes = (one: Duplex, other: Duplex): void => {
      one.on('error', () => one.destroy());
      one.on('end', () => setTimeout(() => one.destroy(), halfOpen));
      one.on('close', () => {
        over(false);
        lastWords(other);
      });
    };
    closes(client, member);
    closes(member, client);
    member.pipe(client);
    client.pipe(member);
  }

  #answer(status: number, what: string): void {
    const { slot } = this.#options;
    if (this.#response.headersSent || this.#gone) return;
    const text = `${slot} ${what}. Please try again in a moment.\n`;
    this.#response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'x-bakery-balancer': 'answered',
      ...(this.#request.complete ? {} : { connection: 'close' }),
    });
    this.#response.end(this.#request.method === 'HEAD' ? undefined : text);
    this.#request.resume();
  }

  #clientClosed(): void {
    if (this.#response.writableFinished || this.#gone) return;
    this.#gone = true;
    this.#controller?.abort(new Error('the client is gone'));
  }
}

/** Sends what is still to be sent, then closes. */
function lastWords(socket: Duplex): void {
  if (socket instanceof Socket) socket.destroySoon();
  else socket.destroy();
}

function rawHeaders(controller: Dispatcher.DispatchController): string[] {
  const { rawHeaders: raw } = controller;
  if (!Array.isArray(raw)) return [];
  return raw.map((part: Buffer | string) => (typeof part === 'string' ? part : part.toString('latin1')));
}
