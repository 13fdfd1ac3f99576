import { resolve } from 'node:path';
import * as z from 'zod';
import { host, path } from '../place-fields.ts';
import { strict } from '../strict.ts';

/** A path, or `host:port` on a network of its own. */
const socket = path.refine(
  (text) => text.startsWith('/') || text.startsWith('.') || /^[^/:]+:\d+$/.test(text),
  {
    error: 'must be the path of a socket, or host:port; correct it.',
  },
);

/** A balancer of kind `haproxy`, as it stands in bot.yaml: a HAProxy that runs, by its sockets. */
export const haproxyBalancerFile = strict('bot.yaml', {
  kind: z.literal('haproxy'),
  socket,
  master: socket.optional(),
  stateDir: path,
  host: host.default('127.0.0.1'),
});

/** The same, checked; paths are absolute. */
export type HaproxyBalancerSettings = z.output<typeof haproxyBalancerFile>;

export const toHaproxyBalancer = (made: HaproxyBalancerSettings, dir: string): HaproxyBalancerSettings => {
  const at = (text: string): string => (/^[^/.][^/]*:\d+$/.test(text) ? text : resolve(dir, text));
  const { master, ...rest } = made;
  return {
    ...rest,
    socket: at(made.socket),
    stateDir: resolve(dir, made.stateDir),
    ...(master === undefined ? {} : { master: at(master) }),
  };
};
