import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cloud } from '../clouds/cloud.ts';
import { ada, ben, deploys, team } from '../people.ts';
import type { Place } from '../place.ts';
import { databaseOf, type Shop } from './shop.ts';

/** The operators' file of the worker, in place of the one of hello. `currency`: the setting that the story changes. */
export function writeInvoices(place: Place, shop: Shop, cloud: Cloud, currency: string): void {
  const services = join(place.config, 'services');
  rmSync(join(services, 'hello.yaml'), { force: true });
  const managers = [ada, ben].map(({ id }) => `${team}/${id}`);
  const settings = (environment: string, of = 'EUR') => ({
    settings: { DATABASE: databaseOf(shop, environment), CURRENCY: of },
  });
  const file = {
    repository: shop.origin,
    folder: 'services/invoices',
    watch: ['services/invoices', 'libs'],
    branch: 'main',
    tags: 'fix-*',
    channel: deploys.id,
    provider: cloud.provider,
    external: { key: `file:${shop.key}` },
    people: { bake: ['*'], approve: managers, rollback: managers, retire: managers },
    defaults: { traffic: 'none', count: 1, drain: '10s', soak: '1s' },
    verify: settings('verify'),
    environments: {
      staging: settings('staging'),
      production: {
        ...settings('production', currency),
        ...{ production: true, promotion: 'approval', approvals: 1, selfApproval: true, soak: '3s' },
      },
    },
  };
  writeFileSync(join(services, 'invoices.yaml'), `# Written by the demo.\n${stringify(file)}`);
}
