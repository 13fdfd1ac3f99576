import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Cloud } from '../clouds/cloud.ts';
import { ada, ben, deploys, team } from '../people.ts';
import type { Place } from '../place.ts';
import { writeInvoices } from '../worker/configuration.ts';
import type { Shop } from '../worker/shop.ts';

/** Two services of the shop, one built by an outside CI and one by Bakery, that go to production together. */
export function writeTogether(place: Place, shop: Shop, cloud: Cloud): void {
  writeInvoices(place, shop, cloud, 'EUR');
  const managers = [ada, ben].map(({ id }) => `${team}/${id}`);
  const settings = (environment: string) => ({ settings: { PLACE: environment } });
  const menu = {
    repository: shop.origin,
    folder: 'services/menu',
    watch: ['services/menu', 'libs'],
    branch: 'main',
    channel: deploys.id,
    provider: cloud.provider,
    people: { bake: ['*'], approve: managers, rollback: managers, retire: managers },
    defaults: { balancer: cloud.balancer, count: 1, drain: '2s', soak: '1s' },
    verify: settings('verify'),
    environments: {
      staging: { ...settings('staging'), port: place.ports.staging },
      production: {
        ...settings('production'),
        ...{ port: place.ports.production, production: true, promotion: 'approval' },
        ...{ approvals: 1, selfApproval: true, steps: [50, 100], pause: '500ms' },
      },
    },
  };
  const file = join(place.config, 'services', 'menu.yaml');
  writeFileSync(file, `# Written by the demo.\n${stringify(menu)}`);
  const bot = join(place.config, 'bot.yaml');
  const groups = { shop: { services: ['invoices', 'menu'], environments: ['production'], soak: '2s' } };
  // The CI alone says what is new, so that the numbers of the story are always the same.
  const told = { ...parse(readFileSync(bot, 'utf8')), poll: '0s', groups };
  writeFileSync(bot, `# Written by the demo.\n${stringify(told)}`);
}
