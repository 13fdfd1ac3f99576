import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProviderError } from '../../pipeline/provider.ts';
import { Exchange } from './exchange.ts';
import type { Upstream } from './upstream.ts';

/** Chooses who gets the next request, none of those tried. */
export type Next = (tried: ReadonlySet<Upstream>) => Upstream | undefined;

/** The one address on which a slot's clients are served. */
export class FrontDoor {
  readonly port: number;
  readonly #slot: string;
  readonly #next: Next;
  readonly #server: Server;
  #closing = false;

  private constructor(slot: string, port: number, next: Next) {
    this.#slot = slot;
    this.port = port;
    this.#next = next;
    this.#server = createServer(
      { keepAliveTimeout: 65_000, requestTimeout: 0, noDelay: true },
      (request, response) => this.#serve(request, response),
    );
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Throws `port in use`, `denied`. */
  static async open(slot: string, host: string, port: number, next: Next): Promise<FrontDoor> {
    const door = new FrontDoor(slot, port, next);
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', (error) => reject(cannotListen(slot, host, port, error)));
      door.#server.listen({ host, port, backlog: 1024 }, resolve);
    });
    return door;
  }

  /** Takes no new connection, ends idle ones, and is done when those in use have ended. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const idle = setInterval(() => this.#server.closeIdleConnections(), 50);
    await closed.finally(() => clearInterval(idle));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.#closing) response.shouldKeepAlive = false;
    new Exchange(request, response, { next: this.#next, slot: this.#slot }).offer();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!(socket instanceof Socket)) return void socket.destroy();
    socket.setNoDelay(true);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.destroySoon());
    const options = { next: this.#next, slot: this.#slot, upgrade: { socket, head } };
    new Exchange(request, response, options).offer();
  }
}

function cannotListen(slot: string, host: string, port: number, error: Error): ProviderError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new ProviderError(
      'port in use',
      `Port ${port} on ${host} is taken by something else, so ${slot} has no front door. Nothing was changed. Free the port, or give the slot another one.`,
      { cause: error },
    );
  return new ProviderError(
    'denied',
    `${slot} cannot listen on ${host}:${port}: ${error.message}. Nothing was changed. Give the slot another port or host.`,
    { cause: error },
  );
}
