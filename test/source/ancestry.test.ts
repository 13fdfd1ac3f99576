import { describe, expect, it } from 'vitest';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import { gitRepositories } from '../../src/source/git.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { newRepository } from './repository.ts';

/** A repository with branches, and the real front door before it. */
function branched() {
  const { dir, git, commit } = newRepository();
  const world = new CoreWorld(policy({ repository: dir }));
  const { policies } = world.parts;
  const store = directoryStore(tempFolder());
  const repositories = gitRepositories({ cacheDir: tempFolder() });
  const door = frontDoor({
    engine: {
      handle: (command) => world.deciding.command(command),
      traced: (asked, answer) => world.deciding.traced(asked, answer),
      subscribe: () => () => undefined,
    },
    query: sqliteQueries({ db: world.file.db, store, policies, now: () => world.now }),
    outbox: {} as never,
    repositories,
  });
  /** Releases what a ref points to, as far as it goes by itself. */
  const release = async (ref: string): Promise<void> => {
    expect(await door.requestRelease({ service: 'hello', ref, by: ada })).toMatchObject({ accepted: true });
    await world.run(5_000);
  };
  return { dir, git, commit, world, release, repositories };
}

describe('a newer release', () => {
  it('takes the place of those that its history holds, of whatever branch they are', async () => {
    const { git, commit, world, release } = branched();
    commit('one');
    git('checkout', '--quiet', '-b', 'feature');
    commit('feature');
    await release('feature');
    git('checkout', '--quiet', 'main');
    git('merge', '--quiet', '--no-ff', 'feature', '-m', 'merge');
    await release('main');
    expect(world.release(1).supersededBy).toBe(2);
    expect(world.deployment('hello.production.1').state).toBe('overtaken');
  });

  it('leaves those that it does not hold, also when their branch was written anew', async () => {
    const { git, commit, world, release } = branched();
    commit('one');
    commit('two');
    await release('main');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    commit('two, written anew');
    await release('main');
    expect(world.release(1).supersededBy).toBeUndefined();
    expect(world.release(2).state).toBe('production ready');
  });

  it('counts as the heir of its branch where nobody can tell', async () => {
    const { dir, commit, repositories } = branched();
    const of = commit('one');
    await repositories.find({ repository: dir, service: 'hello', ref: 'main' });
    const order = { repository: dir, service: 'hello', of };
    expect(await repositories.ancestors({ ...order, among: ['f'.repeat(40), '--all', of] })).toEqual({
      [of]: true,
    });
    const world = new CoreWorld();
    await world.push('one');
    await world.push('two');
    expect(world.release(1).supersededBy).toBe(2);
  });
});
