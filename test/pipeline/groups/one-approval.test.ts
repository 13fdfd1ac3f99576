import { describe, expect, it } from 'vitest';
import { asked, GroupWorld } from '../../support/group-world.ts';
import { ada, bob, environment, eve } from '../../support/policies.ts';

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
