import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import { gitRepositories } from '../../src/source/git.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { newRepository } from './repository.ts';

/** A monorepo, and the real front door before it. */
function monorepo(watch: string[] | undefined) {
  const { dir, git } = newRepository();
  const change = (path: string, text = path): string => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
    git('add', '.');
    git('commit', '--quiet', '-m', `change ${path}`);
    return git('rev-parse', 'HEAD');
  };
  const world = new CoreWorld(policy({ repository: dir, ...(watch === undefined ? {} : { watch }) }));
  const query = sqliteQueries({
    db: world.file.db,
    store: directoryStore(tempFolder()),
    policies: world.parts.policies,
    now: () => world.now,
  });
  const door = frontDoor({
    engine: {
      handle: (command) => world.deciding.command(command),
      traced: (asked, answer) => world.deciding.traced(asked, answer),
      subscribe: () => () => undefined,
    },
    query,
    outbox: {} as never,
    repositories: gitRepositories({ cacheDir: tempFolder() }),
  });
  const pushed = () => door.requestRelease({ service: 'hello', by: { kind: 'poll' }, onlyNew: true });
  const asked = () => door.requestRelease({ service: 'hello', by: ada });
  return { change, world, pushed, asked };
}

it('a push releases a service when something below its watched paths has changed', async () => {
  const { change, world, pushed } = monorepo(['services/hello', 'libs/*/src', '**/*.sql']);
  change('services/hello/server.js');
  expect(await pushed()).toMatchObject({ accepted: true, version: 1 });
  for (const path of ['README.md', 'services/other/server.js', 'libs/money/test/a.js', 'services/hello2/a']) {
    change(path);
    expect(await pushed(), path).toMatchObject({ refused: 'nothing to do' });
  }
  for (const [index, path] of ['libs/money/src/a.js', 'db/one.sql', 'services/hello/lib/b.js'].entries()) {
    change(path);
    expect(await pushed(), path).toMatchObject({ version: index + 2 });
  }
  expect(world.releases()).toHaveLength(4);
  expect(world.trail().filter(({ outcome }) => outcome !== 'accepted')).toEqual([]);
});

it('what an earlier push has changed counts until it is released', async () => {
  const { change, pushed } = monorepo(['services/hello']);
  change('services/hello/one');
  await pushed();
  change('services/hello/two');
  change('README.md');
  expect(await pushed()).toMatchObject({ version: 2 });
  change('services/hello/two', 'other');
  change('services/hello/two', 'services/hello/two');
  expect(await pushed()).toMatchObject({ refused: 'nothing to do' });
});

it('a person releases what he names, whatever it changes', async () => {
  const { change, pushed, asked } = monorepo(['services/hello']);
  change('services/hello/one');
  await pushed();
  change('README.md');
  expect(await asked()).toMatchObject({ version: 2 });
});

it('without watched paths every push to the branch releases', async () => {
  const { change, pushed } = monorepo(undefined);
  change('a');
  await pushed();
  change('README.md');
  expect(await pushed()).toMatchObject({ version: 2 });
});
