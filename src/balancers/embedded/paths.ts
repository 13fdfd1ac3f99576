import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Paths {
  folder: string;
  socket: string;
  state: string;
  log: string;
  /** Held while a balancer starts. */
  starting: string;
}

/** Unix socket paths end at about 104 bytes; stay below on every system. */
const longest = 99;

/** Where a balancer of this data directory keeps what; the same answer in every process. */
export function pathsIn(dataDir: string): Paths {
  const folder = join(resolve(dataDir), 'balancer');
  const near = join(folder, 'control.sock');
  return {
    folder,
    socket: Buffer.byteLength(near) <= longest ? near : short(folder),
    state: join(folder, 'state.json'),
    log: join(folder, 'balancer.log'),
    starting: join(folder, 'starting.lock'),
  };
}

/** A directory of this user in the temporary folder, since sockets in a shared one could be somebody else's. */
function short(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `bakery-${process.getuid?.() ?? 0}-${name}`, 'control.sock');
}
