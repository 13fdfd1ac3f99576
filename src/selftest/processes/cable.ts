import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut: connections break, and new ones are refused, until it is mended. */
export class Cable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #target: { host: string; port: number };
  #cut = false;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server;
    this.#target = target;
  }

  static async to(host: string, port: number): Promise<Cable> {
    const server = createServer();
    const cable = new Cable(server, { host, port });
    server.on('connection', (near) => {
      const far = connect(cable.#target);
      for (const socket of [near, far]) {
        cable.#open.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          cable.#open.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      if (cable.#cut) near.destroy();
      else near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cable;
  }

  /** The URL of the same server, by way of this cable. */
  by(url: string): string {
    const changed = new URL(url);
    const { port } = this.#server.address() as AddressInfo;
    changed.host = `127.0.0.1:${port}`;
    return changed.href;
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** As after a failover: everybody has to connect anew, and reaches another server. */
  leadTo(host: string, port: number): void {
    this.cut();
    this.#target = { host, port };
    this.mend();
  }

  mend(): void {
    this.#cut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
