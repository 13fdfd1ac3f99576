import { expect, it } from 'vitest';
import { LiveFiles, takesFiles } from '../../src/composition/coordinator-files.ts';
import { loadConfig } from '../../src/config/load.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { folderWith, goodBot, goodService } from '../config/installation.ts';
import { GroupWorld } from '../support/group-world.ts';
import { ada } from '../support/policies.ts';

const service = (port: number): string =>
  goodService.replace('7001', String(port)).replace('7002', String(port + 1));

async function config(groups: string) {
  const files = { 'services/api.yaml': service(7101), 'services/worker.yaml': service(7301) };
  const loading = await loadConfig(folderWith({ 'bot.yaml': `${goodBot}${groups}`, ...files }), {});
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  return loading.config;
}

it('a group is changed when nothing of it is under way, and added at any time', async () => {
  const world = new GroupWorld();
  const [before, after, gone] = await Promise.all([
    config('groups: { shop: { services: [worker, api], environments: [dev] } }\n'),
    config('groups: { shop: { services: [api, worker], environments: [dev] } }\n'),
    config(''),
  ]);
  const live = new LiveFiles(before);
  const { policies, groups } = world;
  const query = sqliteQueries({
    db: world.file.db,
    store: {} as never,
    policies,
    groups,
    now: () => world.now,
  });
  const { hindrances } = takesFiles({
    dir: before.dir,
    live,
    query,
    engine: { files: async () => undefined },
  });
  expect(await hindrances?.(after)).toEqual([]);
  await world.ship('one');
  await world.run(10_000);
  expect(await hindrances?.(before)).toEqual([]);
  expect(await hindrances?.(after)).toMatchObject([
    {
      file: 'bot.yaml',
      sentence: expect.stringContaining('This changes the group shop while its v1 is under way.'),
    },
  ]);
  expect(await hindrances?.(gone)).toMatchObject([
    { sentence: expect.stringContaining('takes away the group shop') },
  ]);
  await world.do({ do: 'cancel group', service: 'shop', version: 1, by: ada });
  await world.run(10_000);
  expect(await hindrances?.(gone)).toEqual([]);
  live.take(after);
  expect(live.groups.get('shop')?.services).toEqual(['api', 'worker']);
});
