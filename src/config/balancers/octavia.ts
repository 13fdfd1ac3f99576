import { resolve } from 'node:path';
import * as z from 'zod';
import { limit } from '../fields.ts';
import { host, path } from '../place-fields.ts';
import { strict } from '../strict.ts';

const cloudName = z.string().min(1).max(255);
/** Octavia takes whole seconds. */
const seconds = limit.refine((millis) => millis % 1_000 === 0, {
  error: 'must be whole seconds, like 5s; correct it.',
});
const goes = z.int().min(1).max(10);

/** A balancer of kind `octavia`, as it stands in bot.yaml: a load balancer that is there. */
export const octaviaBalancerFile = strict('bot.yaml', {
  kind: z.literal('octavia'),
  cloud: cloudName.optional(),
  cloudsFile: path.optional(),
  loadBalancer: cloudName,
  host: host.optional(),
  subnet: cloudName.optional(),
  check: strict('bot.yaml', {
    every: seconds.prefault('3s'),
    timeout: seconds.prefault('2s'),
    up: goes.default(2),
    down: goes.default(2),
  }).prefault({}),
  statistics: limit.prefault('10s'),
});

/** The same, checked. The path is absolute. */
export type OctaviaBalancerSettings = z.output<typeof octaviaBalancerFile>;

export const toOctaviaBalancer = (made: OctaviaBalancerSettings, dir: string): OctaviaBalancerSettings => ({
  ...made,
  ...(made.cloudsFile === undefined ? {} : { cloudsFile: resolve(dir, made.cloudsFile) }),
});
