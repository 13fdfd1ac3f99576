import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith, goodBot, goodService, problemsOf } from './installation.ts';

const service = (port: number, more = ''): string =>
  goodService.replace('7001', String(port)).replace('7002', String(port + 1)) + more;

const files = (groups: string, more: Record<string, string> = {}): Record<string, string> => ({
  'bot.yaml': `${goodBot}groups:\n${groups}`,
  'services/api.yaml': service(7101),
  'services/web.yaml': service(7201),
  'services/worker.yaml': service(7301),
  ...more,
});

describe('groups in the operators’ file', () => {
  it('name services in order, and where they go together', async () => {
    const loading = await loadConfig(
      folderWith(files('  shop: { services: [worker, api], environments: [staging, dev], soak: 2m }\n')),
      {},
    );
    expect(loading.ok && loading.config.groups.get('shop')).toEqual({
      group: 'shop',
      services: ['worker', 'api'],
      environments: ['dev', 'staging'],
      soak: 120_000,
      channel: 'C001',
      repository: '/srv/git/hello.git',
      branch: 'main',
    });
  });

  it.each([
    [
      '  shop: { services: [worker, apl], environments: [dev] }\n',
      'There is no service `apl`; did you mean `api`?',
    ],
    [
      '  shop: { services: [worker, api, worker], environments: [dev] }\n',
      '`worker` stands in its own order twice, and cannot go before itself; remove one.',
    ],
    [
      '  shop: { services: [worker], environments: [dev] }\n',
      '`groups.shop.services` must name two services or more, in the order in which they go; add the others.',
    ],
    [
      '  shop: { services: [worker, api], environments: [stagin] }\n',
      'There is no environment of `worker` `stagin`; did you mean `staging`?',
    ],
    [
      '  api: { services: [worker, web], environments: [dev] }\n',
      '`api` is the name of a service; give the group another one: `/bake api` could mean both.',
    ],
    [
      '  status: { services: [worker, web], environments: [dev] }\n',
      "A group is called like a service, and `status` cannot be: `status` is a word of Bakery's commands and cannot name a service; rename the group.",
    ],
    [
      '  shop: { services: [worker, api], environments: [dev] }\n  desk: { services: [web, api], environments: [dev] }\n',
      '`api` goes with the group `shop` already, and a release goes with one; take it out of one of them.',
    ],
    [
      '  shop: { services: [worker, api], environments: [dev], order: 1 }\n',
      '`order` is not a key here; the keys are `services`, `environments`, `soak`, `channel`.',
    ],
  ])('that are wrong are told with their line and the fix: %j', async (groups, sentence) => {
    const found = await problemsOf(files(groups));
    expect(found.join('\n')).toContain(sentence);
    expect(found.every((line) => line.startsWith('bot.yaml:'))).toBe(true);
  });

  it('take services of one repository and one branch only', async () => {
    const elsewhere = service(7201).replace('hello.git', 'other.git');
    const found = await problemsOf(
      files('  shop: { services: [worker, web], environments: [dev] }\n', { 'services/web.yaml': elsewhere }),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('`web` comes from another repository or branch than `worker`');
  });
});
