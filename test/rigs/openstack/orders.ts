import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Mark } from '../../../src/pipeline/domain/marked.ts';
import type { BakeOrder, LaunchOrder } from '../../../src/pipeline/provider.ts';
import { services, start } from '../../support/bakery-services.ts';
import { tarOf } from '../../support/tar-of.ts';
import { base } from './openstack-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakery-orders-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Orders of one installation, each under a mark of its own. */
export function ordersOf(owner: string) {
  const mark = (): Mark => ({
    ...{ owner, service: 'hello', version: 1, environment: 'staging' },
    ...{ effect: `effect-${randomBytes(4).toString('hex')}`, generation: 1, epoch: 0 },
  });
  return {
    bake: async (content: string): Promise<BakeOrder> => ({
      ...(await tarOf(mkdtempSync(join(folder, 'package-')), { ...services, 'content.txt': content })),
      recipe: { base, packages: [], start: start.serves },
      ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark() },
    }),
    launch: (image: Image): LaunchOrder => ({
      image,
      spec: { start: start.serves, health: { path: '/healthz', within: 20_000 }, grace: 500, settings: {} },
      ...{ environment: {}, mark: mark() },
    }),
  };
}
