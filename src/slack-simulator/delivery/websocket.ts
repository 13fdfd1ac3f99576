import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FRAME_LIMIT = 10_000_000;

interface Handlers {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** The server's side of one WebSocket (RFC 6455) without extensions: text, ping, pong and close. */
export class ServerWebSocket {
  readonly #socket: Duplex;
  readonly #handlers: Handlers;
  #received: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] = [];
  #closed = false;
  #silent = false;

  /** Answers the handshake and speaks from then on. Destroys the socket when the request is no handshake. */
  constructor(request: IncomingMessage, socket: Duplex, handlers: Handlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.on('data', (chunk: Buffer) => {
      if (!this.#silent) this.#read(chunk);
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#ended());
    const key = request.headers['sec-websocket-key'];
    if (key === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      socket.destroy();
      return;
    }
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  }

  sendText(text: string): void {
    this.#send(TEXT, Buffer.from(text));
  }

  ping(): void {
    this.#send(PING, Buffer.from('Ping from Slack'));
  }

  /** Cuts the connection without a word, as a network does. */
  drop(): void {
    this.#socket.destroy();
  }

  /** Hears and says nothing from now on and leaves the connection open, as when a network lost the way back. */
  silence(): void {
    this.#silent = true;
  }

  /** Says goodbye and closes. */
  close(): void {
    this.#send(CLOSE, Buffer.from([0x03, 0xe8]));
    this.#socket.end();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.onClose();
  }

  #send(opcode: number, payload: Buffer): void {
    if (this.#silent || this.#closed || this.#socket.destroyed || !this.#socket.writable) return;
    this.#socket.write(Buffer.concat([frameHead(opcode, payload.length), payload]));
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let frame = takeFrame(this.#received); frame !== undefined; frame = takeFrame(this.#received)) {
      if (frame === 'broken') {
        this.drop();
        return;
      }
      this.#received = this.#received.subarray(frame.size);
      this.#frame(frame);
    }
  }

  #frame({ opcode, final, payload }: Frame): void {
    if (opcode === PING) this.#send(PONG, payload);
    else if (opcode === CLOSE) this.close();
    else if (opcode === TEXT || opcode === CONTINUATION) {
      this.#fragments.push(payload);
      if (!final) return;
      const text = Buffer.concat(this.#fragments).toString('utf8');
      this.#fragments = [];
      this.#handlers.onText(text);
    }
  }
}

interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Buffer;
  readonly size: number;
}

function frameHead(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  if (length < 65_536) return Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The first frame of what has come so far; undefined when it is not whole yet. Clients must mask. */
function takeFrame(bytes: Buffer): Frame | 'broken' | undefined {
  if (bytes.length < 6) return undefined;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  if ((second & 0x80) === 0) return 'broken';
  const short = second & 0x7f;
  const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < maskAt + 4) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > FRAME_LIMIT) return 'broken';
  const size = maskAt + 4 + length;
  if (bytes.length < size) return undefined;
  const payload = Buffer.from(bytes.subarray(maskAt + 4, size));
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = payload.readUInt8(index) ^ bytes.readUInt8(maskAt + (index % 4));
  }
  return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload, size };
}
