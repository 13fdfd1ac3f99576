import { randomInt } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemCode } from '../../pipeline/disk-fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** Below Linux's range for outgoing connections (from 32768), which could take a port between look and bind. */
export const lowest = 20_000;
export const beyond = 32_000;
const looks = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Ports of one root, each reserved for one instance by a file, so that two starting ones never share one. */
export class Ports {
  readonly #folder: string;

  constructor(root: string) {
    this.#folder = join(root, 'ports');
  }

  /** Reserves a port on which nobody listens. Throws `port in use` when there seems to be none. */
  async take(instance: string): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    for (let look = 0; look < looks; look++) {
      const port = randomInt(lowest, beyond);
      if ((await isFree(port)) && (await this.#reserve(port, instance))) return port;
    }
    throw new ProviderError(
      'port in use',
      `Of ${looks} ports looked at between ${lowest} and ${beyond} none is free. Nothing was started; look what listens there.`,
    );
  }

  async giveBack(port: number, instance: string): Promise<void> {
    const file = join(this.#folder, String(port));
    if ((await readFile(file, 'utf8').catch(() => '')) === instance) await rm(file, { force: true });
  }

  async #reserve(port: number, instance: string): Promise<boolean> {
    try {
      const handle = await open(join(this.#folder, String(port)), 'wx', 0o600);
      await handle.close();
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
    await writeFile(join(this.#folder, String(port)), instance);
    return true;
  }
}
