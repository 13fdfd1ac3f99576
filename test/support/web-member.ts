import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Instance } from '../../src/pipeline/domain/instance.ts';

export interface WebMember {
  instance: Instance;
  healthy: boolean;
  server: Server;
  /** Answers the requests to `/hold` that wait. */
  release(): void;
  /** Requests to `/hold` that wait. */
  held(): number;
  /** Requests that came to anything but the health check. */
  seen: IncomingMessage[];
  close(): Promise<void>;
}

/** A real HTTP server that says who it is, waits when asked to, and echoes over a WebSocket handshake. */
export async function webMember(id: string, port = 0): Promise<WebMember> {
  const held: ServerResponse[] = [];
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/health') return void response.writeHead(member.healthy ? 200 : 500).end();
    seen.push(request);
    response.setHeader('x-member', id);
    if (path === '/hold') return void held.push(response);
    if (path === '/slow') return void setTimeout(() => response.end(id), 1000);
    if (path === '/reset') return void request.socket.destroy();
    if (path === '/half')
      return void response.write('half', () => setTimeout(() => request.socket.destroy(), 20));
    if (path === '/fail') return void response.writeHead(500).end(id);
    if (path === '/headers') {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      return void response.end(JSON.stringify(request.headers));
    }
    if (path === '/echo') return void request.pipe(response);
    response.end(id);
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket);
    if (request.url === '/refuse')
      return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => socket.destroy());
    echoFrames(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const at = typeof address === 'object' && address !== null ? address.port : 0;
  const member: WebMember = {
    instance: { provider: 'test', id, address: `http://127.0.0.1:${at}`, effect: id, generation: 0 },
    healthy: true,
    server,
    seen,
    held: () => held.length,
    release: () => {
      for (const response of held.splice(0)) response.end(id);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
  return member;
}

/** Sends each short masked frame back unmasked. Enough of RFC 6455 for a test. */
function echoFrames(socket: NodeJS.ReadWriteStream): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 6) {
      const length = (rest[1] ?? 0) & 0x7f;
      if (rest.length < 6 + length) return;
      const mask = rest.subarray(2, 6);
      const text = rest.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      socket.write(Buffer.concat([Buffer.from([rest[0] ?? 0, length]), text]));
      if (((rest[0] ?? 0) & 0x0f) === 8) socket.end();
      rest = rest.subarray(6 + length);
    }
  });
}
