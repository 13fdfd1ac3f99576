import { resolve } from 'node:path';
import * as z from 'zod';
import { host, path } from '../place-fields.ts';
import { strict } from '../strict.ts';

/** A balancer of kind `embedded`, as it stands in bot.yaml: a proxy process of Bakery's own. */
export const embeddedBalancerFile = strict('bot.yaml', {
  kind: z.literal('embedded'),
  host: host.default('127.0.0.1'),
  dataDir: path,
});

/** The same, checked. `dataDir` is absolute. */
export type EmbeddedBalancerSettings = z.output<typeof embeddedBalancerFile>;

export const toEmbeddedBalancer = (
  made: EmbeddedBalancerSettings,
  dir: string,
): EmbeddedBalancerSettings => ({ ...made, dataDir: resolve(dir, made.dataDir) });
