import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/audit.ts';
import { outward } from '../../../src/ledger/schema.ts';
import { failed } from '../../support/core-world.ts';
import { asked, GroupWorld } from '../../support/group-world.ts';
import { ada, eve } from '../../support/policies.ts';

/** The launch of one service's new version fails for good. */
const failsToLaunch = (world: GroupWorld, service: string): void => {
  world.say = ({ kind, effect }) =>
    kind === 'launch' && effect.includes(`${service}.production`) ? failed('quota', 'no room') : undefined;
};

describe('services that are released together', () => {
  it('asks once when all are ready, then goes in the declared order', async () => {
    const world = new GroupWorld();
    expect(await world.ship('one')).toMatchObject({ accepted: true, version: 1 });
    await world.run(10_000);
    expect(world.inPlace(1)?.state).toBe('asking');
    expect(world.live()).toEqual({ worker: undefined, api: undefined, web: undefined });
    expect(world.live('dev')).toEqual({ worker: 1, api: 1, web: 1 });
    expect(await world.approveAll(1)).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
    expect(world.group(1).state).toBe('finished');
    expect(world.inPlace(1)?.after).toEqual({ worker: 1, api: 1, web: 1 });
    expect(audit(world.file.db).problems).toEqual([]);
  });

  it('begins the next only when the one before has soaked as long as declared', async () => {
    const world = new GroupWorld({ group: { soak: 30_000 } });
    await asked(world);
    await world.approveAll(1);
    await world.run(20_000);
    expect(world.moved()).toEqual(['worker v1']);
    expect(world.newest('worker').stage).toBe('retire');
    await world.upkeep(60_000, 500);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('goes in order in each environment in which they go together', async () => {
    const world = new GroupWorld({ group: { environments: ['dev', 'production'] } });
    await asked(world);
    expect(world.moved('release', 'dev')).toEqual(['worker v1', 'api v1', 'web v1']);
    expect(world.inPlace(1, 'dev')?.state).toBe('finished');
    expect(world.inPlace(1)?.state).toBe('asking');
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
    expect(world.group(1).state).toBe('finished');
  });

  it('is told outside of Slack for each service as if it went alone', async () => {
    const feedback = {
      forge: 'github',
      api: 'https://forge.test',
      project: 'acme/shop',
      token: 'env:T',
      comments: true,
    };
    const world = new GroupWorld({ service: { feedback: feedback as never } });
    await world.through('one', 1);
    const told = world.file.db.select().from(outward).all();
    const kinds = (service: string) =>
      told.filter((one) => one.service === service).map(({ content }) => content.kind);
    for (const service of ['worker', 'api', 'web'])
      expect([...new Set(kinds(service))].sort()).toEqual(['deployment', 'live', 'stage']);
    expect(told.every(({ service }) => service !== 'shop')).toBe(true);
  });

  it('asks nobody before the last of them is ready', async () => {
    const world = new GroupWorld();
    world.say = ({ kind, effect }) => (kind === 'build' && effect.includes('.web.') ? 'hang' : undefined);
    await asked(world);
    expect(world.inPlace(1)?.state).toBe('gathering');
    expect(Object.keys(world.inPlace(1)?.seats ?? {})).toEqual(['worker', 'api']);
    expect(await world.approveAll(1)).toMatchObject({ refused: 'too early' });
  });

  it('waits for one that failed until it is tried again', async () => {
    const world = new GroupWorld();
    world.say = ({ kind, effect }) =>
      kind === 'bake' && effect.includes('.api.') ? failed('quota', 'no room') : undefined;
    await asked(world);
    expect(world.inPlace(1)?.state).toBe('gathering');
    world.say = () => undefined;
    await world.do({ do: 'retry release', service: 'api', version: 1, stage: 'bake', by: ada });
    await world.run(10_000);
    expect(world.inPlace(1)?.state).toBe('asking');
  });

  it('takes back what was done, last first, when a later one fails', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await asked(world, 'two');
    failsToLaunch(world, 'web');
    await world.approveAll(2);
    await world.run(120_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
    expect(world.moved('rollback')).toEqual(['api v1', 'worker v1']);
    expect(world.group(2).state).toBe('went back');
    expect(world.inPlace(2)?.stoppedBy).toEqual({ member: 'web', as: 'failed' });
    expect(world.inPlace(2)?.back?.steps.map(({ outcome }) => outcome)).toEqual(['back', 'back', 'back']);
    expect(world.of('web')?.open).toEqual([]);
  });

  it('begins nothing later when one fails in its soak', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await asked(world, 'two');
    world.say = ({ kind, effect }) =>
      kind === 'watch' && effect.includes('api.production') ? failed('unhealthy', 'it fell over') : undefined;
    await world.approveAll(2);
    await world.run(120_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1', 'worker v2', 'api v2']);
    expect(world.moved('rollback')).toEqual(['worker v1']);
    expect(world.newest('web').state).toBe('cancelled');
  });

  it('says why one stays that ran nothing before, and keeps what it may need', async () => {
    const world = new GroupWorld();
    await asked(world);
    failsToLaunch(world, 'web');
    await world.approveAll(1);
    await world.run(120_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: undefined });
    const steps = world.inPlace(1)?.back?.steps ?? [];
    expect(steps.map(({ member, outcome }) => [member, outcome])).toEqual([
      ['web', 'back'],
      ['api', 'stays'],
      ['worker', 'stays'],
    ]);
    expect(await world.ledger.words([steps[1]?.because ?? ''])).toMatchObject({
      [steps[1]?.because ?? '']: 'Nothing of it ran there before, so there is nothing to go back to.',
    });
  });

  it('goes back in reverse order when a person says so', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await world.through('two', 2);
    expect(world.live()).toEqual({ worker: 2, api: 2, web: 2 });
    const back = { do: 'roll back group', service: 'shop', environment: 'production' } as const;
    expect(await world.do({ ...back, by: eve })).toMatchObject({ refused: 'not allowed' });
    expect(await world.do({ ...back, by: ada })).toMatchObject({
      accepted: true,
      sentence: 'shop v2 goes back in production: web to v1, then api to v1, then worker to v1.',
    });
    await world.run(60_000);
    expect(world.moved('rollback')).toEqual(['web v1', 'api v1', 'worker v1']);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
    expect(await world.do({ ...back, version: 1, by: ada })).toMatchObject({ refused: 'already there' });
  });

  it('goes back over several to what a named release left behind', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await world.through('two', 2, ['api']);
    await world.through('three', 3, ['worker', 'web']);
    expect(world.live()).toEqual({ worker: 2, api: 2, web: 2 });
    const back = { do: 'roll back group', service: 'shop', environment: 'production', by: ada } as const;
    expect(await world.do({ ...back, version: 1 })).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.moved('rollback')).toEqual(['web v1', 'api v1', 'worker v1']);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
  });

  it('goes back from the middle of it when a person says so', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await asked(world, 'two');
    world.say = ({ kind, effect }) => (kind === 'launch' && effect.includes('api.') ? 'hang' : undefined);
    await world.approveAll(2);
    await world.run(30_000);
    expect(world.live()).toEqual({ worker: 2, api: 1, web: 1 });
    await world.do({ do: 'roll back group', service: 'shop', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
    expect(world.group(2).state).toBe('went back');
    expect(world.of('web')?.open).toEqual([]);
  });
});
