import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { asFields, isFields, parseJson } from '../fields.ts';
import type { Fields } from '../types.ts';
import { type Ack, type Delivery, type EnvelopeKind, type Retry, tooLate } from './delivery.ts';
import { ServerWebSocket } from './websocket.ts';

const PING_MS = 10_000;
const CONNECTION_LIMIT = 10;
/** Where the sockets are opened. */
export const SOCKET_PATH = '/link/';

interface Options {
  readonly ackTimeoutMs: number;
  readonly appId: string;
}

/** The bot's Socket Mode connections; each envelope goes to one of them, in turn. */
export class SocketModeDelivery implements Delivery {
  readonly #options: Options;
  readonly #tickets = new Set<string>();
  readonly #waiting = new Map<string, (ack: Ack) => void>();
  readonly #pinger: NodeJS.Timeout;
  #sockets: ServerWebSocket[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.#pinger = setInterval(() => {
      for (const socket of this.#sockets) socket.ping();
    }, PING_MS);
    this.#pinger.unref();
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.length;
  }

  /** A path that one connection may be opened at. */
  ticket(): string {
    const ticket = randomBytes(16).toString('hex');
    this.#tickets.add(ticket);
    return `${SOCKET_PATH}${ticket}`;
  }

  /** Takes a connection that was asked for with `apps.connections.open`; cuts any other. */
  accept(request: IncomingMessage, raw: Duplex): void {
    const ticket = (request.url ?? '').slice(SOCKET_PATH.length).split('?')[0] ?? '';
    if (!this.#tickets.delete(ticket) || this.#sockets.length >= CONNECTION_LIMIT) {
      raw.destroy();
      return;
    }
    const socket = new ServerWebSocket(request, raw, {
      onText: (text) => this.#acknowledged(asFields(parseJson(text))),
      onClose: () => {
        this.#sockets = this.#sockets.filter((each) => each !== socket);
      },
    });
    this.#sockets.push(socket);
    const connection_info = { app_id: this.#options.appId };
    socket.sendText(
      JSON.stringify({ type: 'hello', num_connections: this.#sockets.length, connection_info }),
    );
    socket.ping();
  }

  send(kind: EnvelopeKind, payload: Fields, retry?: Retry): Promise<Ack> {
    const [socket, ...others] = this.#sockets;
    if (socket === undefined) {
      const detail = 'The bot has no Socket Mode connection. Is it running?';
      return Promise.resolve({ ok: false, error: 'dispatch_failed', detail });
    }
    this.#sockets = [...others, socket];
    const envelopeId = randomUUID();
    const { ackTimeoutMs } = this.#options;
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(tooLate(ackTimeoutMs)), ackTimeoutMs);
      const finish = (ack: Ack) => {
        clearTimeout(timer);
        this.#waiting.delete(envelopeId);
        resolve(ack);
      };
      this.#waiting.set(envelopeId, finish);
      const isEvent = kind === 'events_api';
      socket.sendText(
        JSON.stringify({
          envelope_id: envelopeId,
          type: kind,
          payload,
          accepts_response_payload: !isEvent,
          ...(isEvent
            ? { retry_attempt: retry?.number ?? 0, retry_reason: retry === undefined ? '' : 'timeout' }
            : {}),
        }),
      );
    });
  }

  /** Asks every client to connect anew, as Slack does when it moves them. */
  refresh(): void {
    for (const socket of this.#sockets) {
      socket.sendText(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    }
  }

  /** Leaves all connections open and answers nothing on them any more. */
  silence(): void {
    for (const socket of this.#sockets) socket.silence();
  }

  /** Cuts all connections without a word. */
  drop(): void {
    for (const socket of this.#sockets) socket.drop();
  }

  close(): void {
    clearInterval(this.#pinger);
    for (const finish of this.#waiting.values()) finish(tooLate(0));
    this.drop();
  }

  #acknowledged(answer: Fields): void {
    const finish = this.#waiting.get(String(answer.envelope_id));
    const { payload } = answer;
    const isEmpty = !isFields(payload) || Object.keys(payload).length === 0;
    finish?.({ ok: true, ...(isEmpty ? {} : { body: payload }) });
  }
}
