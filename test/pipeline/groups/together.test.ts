import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/audit.ts';
import { outward } from '../../../src/ledger/schema.ts';
import { failed } from '../../support/core-world.ts';
import { GroupWorld } from '../../support/group-world.ts';
import { ada, bob, environment, eve } from '../../support/policies.ts';

const asked = async (world: GroupWorld, name = 'one'): Promise<void> => {
  await world.ship(name);
  await world.run(10_000);
};
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

describe('one approval for several services', () => {
  it('counts for each service by its own rules, and waits for the rest', async () => {
    const world = new GroupWorld();
    const web = world.policies.get('web');
    if (web !== undefined)
      world.policies.set('web', { ...web, people: { ...web.people, approve: ['T1/UBOB'] } });
    await asked(world);
    const first = await world.approveAll(1, ada);
    expect(first).toMatchObject({ accepted: true });
    expect('sentence' in first && first.sentence).toContain(
      'Still to be agreed to: web: You may not approve web.',
    );
    await world.run(60_000);
    expect(world.moved()).toEqual([]);
    expect(await world.approveAll(1, ada)).toMatchObject({ refused: 'not allowed' });
    expect(await world.approveAll(1, eve)).toMatchObject({ refused: 'not allowed' });
    await world.approveAll(1, bob);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('does not count the word of who asked for it', async () => {
    const strict = environment('production', 4101, {
      promotion: 'approval',
      approvals: 1,
      selfApproval: false,
    });
    const world = new GroupWorld({ service: { environments: [environment('dev', 4100), strict] } });
    for (const [name, of] of world.policies)
      world.policies.set(name, {
        ...of,
        environments: of.environments.map((one, index) => ({
          ...one,
          port: 4200 + index + 10 * name.length,
        })),
      });
    await asked(world);
    const own = await world.approveAll(1, ada);
    expect(own).toMatchObject({ refused: 'not in good standing' });
    expect('sentence' in own && own.sentence).toContain('worker: You asked for this release');
    expect(await world.approveAll(1, bob)).toMatchObject({ accepted: true });
  });

  it('does not count the word of who asked for it again, or took it along', async () => {
    const strict = environment('production', 4101, {
      ...{ promotion: 'approval', approvals: 1, selfApproval: false },
    });
    const world = new GroupWorld({ service: { environments: [environment('dev', 4100), strict] } });
    await asked(world);
    const order = { service: 'shop', version: 1, environment: 'production' } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today', by: ada });
    await world.run(10_000);
    expect(await world.do({ do: 'deploy group', ...order, by: bob })).toMatchObject({ accepted: true });
    await world.run(10_000);
    expect(await world.approveAll(1, bob)).toMatchObject({ refused: 'not in good standing' });
    expect(world.moved()).toEqual([]);
  });

  it('is held by a lock, a freeze or a quarantine of any of them', async () => {
    const world = new GroupWorld();
    await asked(world);
    const lock = { service: 'web', environment: 'production', reason: 'a look', by: ada } as const;
    const web = world.policies.get('web');
    if (web !== undefined) world.policies.set('web', { ...web, people: { ...web.people, lock: ['*'] } });
    await world.do({ do: 'lock', ...lock });
    const no = await world.approveAll(1);
    expect(no).toMatchObject({ refused: 'not in good standing' });
    expect('sentence' in no && no.sentence).toContain('web: production is locked');
    await world.do({ do: 'unlock', service: 'web', environment: 'production', by: ada });
    await world.do({ do: 'freeze', service: 'web', reason: 'a look', until: world.now + 60_000, by: ada });
    expect(await world.approveAll(1)).toMatchObject({ refused: 'not in good standing' });
    await world.upkeep(70_000, 1_000);
    expect(await world.approveAll(1)).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('asks anew for the rest when a freeze voids what was said', async () => {
    const world = new GroupWorld();
    for (const [name, of] of world.policies)
      world.policies.set(name, { ...of, people: { ...of.people, lock: ['*'] } });
    await asked(world);
    world.say = ({ kind, effect }) => (kind === 'watch' && effect.includes('worker.') ? 'hang' : undefined);
    await world.approveAll(1);
    await world.run(10_000);
    await world.do({ do: 'freeze', service: 'web', reason: 'a look', until: world.now + 60_000, by: ada });
    world.say = () => undefined;
    for (const attempt of world.hanging.splice(0)) world.work(attempt);
    await world.upkeep(50_000, 1_000);
    expect(world.moved()).toEqual(['worker v1']);
    await world.upkeep(60_000, 1_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1']);
    expect(world.inPlace(1)).toMatchObject({ state: 'rolling out', askedAnew: true });
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('is refused when the card is out of date', async () => {
    const world = new GroupWorld();
    await asked(world);
    const order = { do: 'approve group', service: 'shop', version: 1, environment: 'production' } as const;
    expect(await world.do({ ...order, what: 'another', by: ada })).toMatchObject({ refused: 'stale' });
  });

  it('cannot be gone past on the card of one of them', async () => {
    const world = new GroupWorld();
    await asked(world);
    const { id, image, plan } = world.newest('api');
    const yes = await world.do({
      ...{ do: 'approve', service: 'api', deployment: id, by: ada },
      ...{ image: image.digest, settings: plan.settings.digest },
      verified: { reachable: true },
    });
    expect(yes).toMatchObject({ refused: 'not in good standing' });
    expect('sentence' in yes && yes.sentence).toContain('together with the rest of shop v1');
    const no = await world.do({ do: 'reject', service: 'api', deployment: id, reason: 'no', by: ada });
    expect(no).toMatchObject({ refused: 'not in good standing' });
  });
});

describe('what comes between a group and its end', () => {
  it('calls all of them off when one is rejected, cancelled or expires', async () => {
    for (const how of ['reject', 'cancel', 'expire', 'cancel all'] as const) {
      const world = new GroupWorld();
      await asked(world);
      const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
      if (how === 'reject') await world.do({ do: 'reject group', ...order, reason: 'not today' });
      if (how === 'cancel')
        await world.do({
          do: 'cancel deployment',
          service: 'api',
          deployment: world.newest('api').id,
          by: ada,
        });
      if (how === 'cancel all') await world.do({ do: 'cancel group', service: 'shop', version: 1, by: ada });
      if (how === 'expire') await world.upkeep(25 * 3_600_000, 3_600_000);
      await world.run(10_000);
      expect(world.group(1).state, how).toBe(how === 'cancel all' ? 'cancelled' : 'ended');
      for (const service of ['worker', 'api', 'web']) expect(world.of(service)?.open, how).toEqual([]);
      expect(world.moved(), how).toEqual([]);
    }
  });

  it('gives way to a newer one, which takes along what it does not touch', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.wish('two', [
      { service: 'worker', carry: 1 },
      { service: 'api' },
      { service: 'web', carry: 1 },
    ]);
    await world.run(10_000);
    expect(world.group(1)).toMatchObject({ state: 'superseded', supersededBy: 2 });
    expect(world.group(2).members.map(({ version }) => version)).toEqual([1, 2, 1]);
    await world.approveAll(2);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v2', 'web v1']);
  });

  it('lets one that has begun end before a newer one begins', async () => {
    const world = new GroupWorld();
    await asked(world);
    world.say = ({ kind, effect }) => (kind === 'watch' && effect.includes('worker.') ? 'hang' : undefined);
    await world.approveAll(1);
    await world.run(10_000);
    await asked(world, 'two');
    expect(world.inPlace(1)?.state).toBe('rolling out');
    expect(world.inPlace(2)?.state).toBe('asking');
    await world.approveAll(2);
    await world.run(10_000);
    expect(world.moved()).toEqual(['worker v1']);
    world.say = () => undefined;
    for (const attempt of world.hanging.splice(0)) world.work(attempt);
    await world.run(120_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1', 'worker v2', 'api v2', 'web v2']);
  });

  it('is overtaken as a whole by a hotfix that asks for its own word', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.wish('fix', [{ service: 'api' }], ada, { hotfix: 'the site is down' });
    await world.run(10_000);
    expect(world.group(1).state).toBe('superseded');
    expect(world.of('worker')?.open).toEqual([]);
    await world.approveAll(2);
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v2']);
  });

  it('is asked for again after it came to nothing', async () => {
    const world = new GroupWorld();
    await asked(world);
    const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today' });
    await world.run(10_000);
    expect(await world.do({ do: 'deploy group', ...order })).toMatchObject({ accepted: true });
    await world.run(10_000);
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('goes on without one that was put there by override', async () => {
    const world = new GroupWorld();
    for (const [name, of] of world.policies)
      world.policies.set(name, { ...of, people: { ...of.people, override: ['*'] } });
    await asked(world);
    const order = { service: 'api', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'override', ...order, reason: 'it cannot wait' });
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1']);
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1', 'worker v1', 'web v1']);
    expect(world.group(1).state).toBe('finished');
  });

  it('lets one service go alone when somebody names it', async () => {
    const world = new GroupWorld();
    await asked(world);
    const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today' });
    await world.run(10_000);
    await world.do({ do: 'deploy', service: 'api', version: 1, environment: 'production', by: ada });
    await world.run(10_000);
    const { id, image, plan, wait } = world.newest('api');
    expect(wait?.for).toBe('approval');
    await world.do({
      ...{ do: 'approve', service: 'api', deployment: id, by: ada },
      ...{ image: image.digest, settings: plan.settings.digest },
      verified: { reachable: true },
    });
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1']);
  });

  it('takes the others back when one is rolled back by hand on the way', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await asked(world, 'two');
    world.say = ({ kind, effect }) => (kind === 'launch' && effect.includes('web.') ? 'hang' : undefined);
    await world.approveAll(2);
    await world.run(30_000);
    expect(world.live()).toEqual({ worker: 2, api: 2, web: 1 });
    await world.do({ do: 'roll back', service: 'api', version: 1, environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
  });

  it('is refused when none of it differs from what is on its way', async () => {
    const world = new GroupWorld();
    await asked(world);
    expect(await world.ship('one')).toMatchObject({ refused: 'already there' });
  });

  it('reminds those who must act, and only while they have to', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.upkeep(2 * 3_600_000, 60_000);
    expect(world.inPlace(1)?.reminders).toBe(2);
    await world.approveAll(1);
    await world.upkeep(4 * 3_600_000, 600_000);
    expect(world.inPlace(1)?.reminders).toBe(2);
  });
});
