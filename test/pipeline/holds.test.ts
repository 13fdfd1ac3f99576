import { describe, expect, it } from 'vitest';
import { note } from '../../src/bot/views/note.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { events, messages } from '../../src/ledger/schema.ts';
import { readTexts } from '../../src/ledger/texts.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import type { Calendar } from '../../src/pipeline/domain/calendar.ts';
import { openCalendar } from '../../src/pipeline/domain/calendar.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

const hour = 3_600_000;
const held = policy({
  people: {
    bake: ['*'],
    approve: ['*'],
    rollback: ['*'],
    retire: ['*'],
    lock: ['T1/UADA', 'T1/UBOB'],
    override: ['T1/UADA'],
  },
  environments: [
    environment('dev', 4001),
    environment('production', 4003, {
      promotion: 'approval',
      approvals: 1,
      production: true,
      retireAfter: hour,
    }),
  ],
});
const first = 'hello.production.1';
const second = 'hello.production.2';
const inProduction = { service: 'hello', environment: 'production' } as const;

async function world(releases = 1): Promise<CoreWorld> {
  const made = new CoreWorld(held);
  for (let version = 1; version <= releases; version++) {
    await made.push(`commit ${version}`, eve);
    await made.run(5_000);
    if (version < releases) {
      await made.approve(`hello.production.${version}`, ada);
      await made.run(30_000);
    }
  }
  return made;
}

describe('a lock', () => {
  it('keeps new releases out, and every refusal says holder, age, reason and end', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'migrating the database', by: ada });
    await made.run(10 * 60_000);
    const answer = await made.approve(first, bob);
    expect(answer).toMatchObject({
      refused: 'locked',
      sentence: expect.stringMatching(/<@UADA> for 10 min: migrating the database\. It ends in 110 min/),
    });
  });

  it('is refused to a person without the right, and given to one who has it', async () => {
    const made = await world();
    const asked = { do: 'lock', ...inProduction, reason: 'just so' } as const;
    expect(await made.do({ ...asked, by: eve })).toMatchObject({ refused: 'not allowed' });
    expect(await made.do({ ...asked, by: bob })).toMatchObject({ accepted: true });
  });

  it('needs a reason, and an end within a week', async () => {
    const made = await world();
    const asked = { do: 'lock', ...inProduction, by: ada } as const;
    expect(await made.do({ ...asked, reason: ' ' })).toMatchObject({ refused: 'bad input' });
    expect(await made.do({ ...asked, reason: 'x', until: made.now + 8 * 24 * hour })).toMatchObject({
      refused: 'bad input',
    });
    expect(await made.do({ ...asked, reason: 'x', until: made.now - 1 })).toMatchObject({
      refused: 'bad input',
    });
  });

  it('ends by itself, after its holder was asked whether it is still needed', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'a look', by: ada });
    for (let step = 0; step < 5; step++) await made.run(hour / 2);
    expect(made.slot('production').lock).toBeUndefined();
    const types = made.eventTypes();
    expect(types.filter((type) => type === 'LockNagged').length).toBeGreaterThan(0);
    expect(types.at(-1)).toBe('SlotUnlocked');
    expect(await made.approve(first, bob)).toMatchObject({ accepted: true });
  });

  it('is ended by its holder only; others take it over with a reason', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'mine', by: ada });
    expect(await made.do({ do: 'lock', ...inProduction, reason: 'mine too', by: bob })).toMatchObject({
      refused: 'locked',
    });
    expect(await made.do({ do: 'unlock', ...inProduction, by: bob })).toMatchObject({ refused: 'locked' });
    expect(await made.do({ do: 'steal lock', ...inProduction, reason: '', by: bob })).toMatchObject({
      refused: 'bad input',
    });
    expect(
      await made.do({ do: 'steal lock', ...inProduction, reason: 'she is away', by: bob }),
    ).toMatchObject({
      sentence: expect.stringContaining('<@UADA> is told'),
    });
    expect(await made.do({ do: 'unlock', ...inProduction, by: bob })).toMatchObject({ accepted: true });
    expect(made.slot('production').lock).toBeUndefined();
  });

  it('is waited for by what promotes by itself, and lets rollbacks through', async () => {
    const made = await world(2);
    await made.do({ do: 'lock', service: 'hello', reason: 'hold on', by: ada });
    await made.push('another', eve);
    await made.run(5_000);
    expect(made.deployment('hello.dev.3').wait?.for).toBe('lock');
    await made.do({ do: 'unlock', service: 'hello', by: ada });
    await made.run(5_000);
    expect(made.slot('dev').live?.version).toBe(3);
  });

  it('of production lets a rollback through', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await made.do({ do: 'lock', ...inProduction, reason: 'hold on', by: ada });
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: bob });
    await made.run(10_000);
    expect(made.slot('production').live?.version).toBe(1);
  });
});

describe('a quarantine', () => {
  it('keeps the version out that a rollback left, lets newer ones through, and is lifted by an override', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: ada });
    await made.run(10_000);
    const again = { do: 'deploy', ...inProduction, version: 2, by: ada } as const;
    expect(await made.do(again)).toMatchObject({ sentence: expect.stringContaining('/bake override') });
    await made.do({ do: 'override', ...inProduction, version: 2, reason: 'it was the database', by: ada });
    await made.run(30_000);
    expect(made.slot('production').live?.version).toBe(2);
    expect(made.release(2).quarantined.production).toBeUndefined();
    expect(made.deployment('hello.production.4').override?.lifts).toContain('quarantine');
  });
});

describe('a freeze', () => {
  const freeze = (made: CoreWorld, by = ada) =>
    made.do({ do: 'freeze', service: 'hello', reason: 'the audit', until: made.now + 5 * hour, by });

  it('refuses approvals with its reason, and lets them through when it is over', async () => {
    const made = await world();
    await freeze(made);
    expect(await made.approve(first, bob)).toMatchObject({
      refused: 'frozen',
      sentence: expect.stringContaining('the audit'),
    });
    await made.run(5 * hour + 60_000);
    expect(await made.approve(first, bob)).toMatchObject({ accepted: true });
  });

  it('is refused to a person without the right, and given to one who has it', async () => {
    const made = await world();
    expect(await freeze(made, eve)).toMatchObject({ refused: 'not allowed' });
    expect(await freeze(made, bob)).toMatchObject({ accepted: true });
    expect(await made.do({ do: 'unfreeze', service: 'hello', by: eve })).toMatchObject({
      refused: 'not allowed',
    });
    expect(await made.do({ do: 'unfreeze', service: 'hello', by: bob })).toMatchObject({ accepted: true });
  });

  it('voids what was approved before it, and a window of the configuration does too', async () => {
    const two = policy({
      ...held,
      environments: [
        environment('dev', 4001),
        environment('production', 4003, { promotion: 'approval', approvals: 2 }),
      ],
    });
    for (const how of ['ordered', 'window'] as const) {
      const made = new CoreWorld(two);
      let windows: ReturnType<Calendar['windows']> = [];
      made.parts.calendar = () => ({ ...openCalendar, windows: () => windows });
      await made.push('one', eve);
      await made.run(5_000);
      await made.approve(first, ada);
      if (how === 'ordered') await freeze(made);
      else windows = [{ id: 'weekend', scope: 'hello', since: 0, until: made.now + hour, name: 'weekend' }];
      await made.run(2_000);
      expect(made.deployment(first)).toMatchObject({ approvals: [], wait: { for: 'freeze' } });
      windows = [];
      if (how === 'ordered') await made.do({ do: 'unfreeze', service: 'hello', by: ada });
      await made.run(2_000);
      expect(made.deployment(first).wait?.for).toBe('approval');
    }
  });

  it('lets rollbacks through, and an override', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await freeze(made);
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: bob });
    await made.run(10_000);
    expect(made.slot('production').live?.version).toBe(1);
    await made.push('three', eve);
    await made.run(5_000);
    await made.do({ do: 'override', ...inProduction, version: 3, reason: 'the fix', by: ada });
    await made.run(30_000);
    expect(made.slot('production').live?.version).toBe(3);
  });

  it('of everything takes an administrator, and ends what waits everywhere', async () => {
    const made = await world();
    made.parts.admins = ['T1/UADA'];
    const all = { do: 'freeze all', service: 'all', reason: 'moving house', until: made.now + hour } as const;
    expect(await made.do({ ...all, by: bob })).toMatchObject({ refused: 'not allowed' });
    expect(await made.do({ ...all, by: ada })).toMatchObject({ accepted: true });
    await made.run(1_000);
    expect(made.deployment(first).wait?.for).toBe('freeze');
    expect(await made.do({ do: 'unfreeze all', service: 'all', by: bob })).toMatchObject({
      refused: 'not allowed',
    });
    await made.do({ do: 'unfreeze all', service: 'all', by: ada });
    await made.run(1_000);
    expect(made.deployment(first).wait?.for).toBe('approval');
  });
});

describe('a revoked image', () => {
  const revoke = (made: CoreWorld, version: number, by = ada) =>
    made.do({ do: 'revoke', service: 'hello', version, reason: 'holds a bad library', by });

  it('is launched by no path any more: not approved, deployed, overridden or gone back to', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    expect(await revoke(made, 1)).toMatchObject({ accepted: true });
    const back = await made.do({ do: 'roll back', ...inProduction, version: 1, by: ada });
    expect(back).toMatchObject({ refused: 'revoked' });
    expect(await made.do({ do: 'roll back', ...inProduction, by: ada })).toMatchObject({
      refused: 'never went live',
    });
  });

  it('is told to the card of what is live, which offers no way back to it from then on', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    const { policies } = made.parts;
    const query = sqliteQueries({ db: made.file.db, store: {} as never, policies, now: () => made.now });
    const slot = async () => (await query.service('hello'))?.slots.production;
    const drawn = () =>
      made.file.db
        .select()
        .from(messages)
        .all()
        .filter(({ content }) => content.kind === 'release card' && content.version === 2)
        .map(({ revision }) => revision);
    expect(await slot()).not.toHaveProperty('unlaunchable');
    const before = drawn();
    await revoke(made, 1);
    expect(await slot()).toMatchObject({ unlaunchable: [1] });
    expect(drawn().map((revision, index) => revision > (before[index] ?? 0))).toEqual([true]);
  });

  it('stops what waits to launch it, and no override lifts it', async () => {
    const made = await world();
    await revoke(made, 1);
    await made.run(5_000);
    expect(made.deployment(first).state).toBe('cancelled');
    for (const answer of [
      await made.do({ do: 'deploy', ...inProduction, version: 1, by: ada }),
      await made.do({ do: 'override', ...inProduction, version: 1, reason: 'please', by: ada }),
    ]) {
      expect(answer).toMatchObject({ sentence: expect.stringContaining('revoked') });
    }
  });

  it('is not started again when its instance ends, and what runs from it is listed with what to do', async () => {
    const made = await world(2);
    const answer = await revoke(made, 1);
    expect(answer.sentence).toContain('v1 in production: release a newer version');
    for (const id of [...made.running]) if (id.includes('production.1')) made.running.delete(id);
    await made.survey();
    await made.run(60_000);
    expect([...made.running].filter((id) => id.includes('production'))).toEqual([]);
  });

  it('takes with it what was baked from it, of any service', async () => {
    const made = await world();
    const child = { id: 'img-2', digest: 'sha256:child' };
    await made.do({
      do: 'revoke',
      service: 'hello',
      version: 1,
      reason: 'bad',
      descendants: [child],
      by: ada,
    });
    expect((await made.ledger.installation()).revoked[0]?.images).toContainEqual(child);
  });

  it('is revoked by one who has the right, and not by others', async () => {
    const made = await world();
    expect(await revoke(made, 1, eve)).toMatchObject({ refused: 'not allowed' });
    expect(await revoke(made, 1, bob)).toMatchObject({ accepted: true });
    expect(await revoke(made, 1, bob)).toMatchObject({ refused: 'already decided' });
  });
});

describe('stopping everything', () => {
  it('ends what has not begun to move traffic, and touches nothing that has', async () => {
    const made = await world(2);
    made.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
    await made.push('three', eve);
    await made.run(1_000);
    const stop = { do: 'stop', service: 'hello', reason: 'an incident' } as const;
    expect(await made.do({ ...stop, reason: '', by: ada })).toMatchObject({ refused: 'bad input' });
    await made.do({ ...stop, by: ada });
    await made.run(10_000);
    expect(made.release(3).state).toBe('cancelled');
    expect(made.slot('production').live?.version).toBe(1);
    expect(await made.do({ ...stop, by: ada })).toMatchObject({ refused: 'nothing to do' });
  });

  it('tells in each thread the reason that it was given', async () => {
    const made = await world();
    const stop = { do: 'stop', service: 'hello', reason: 'the gateway burns', by: ada } as const;
    await made.do(stop);
    made.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
    await made.push('two', eve);
    await made.run(1_000);
    await made.do(stop);
    const told = made.file.db
      .select()
      .from(events)
      .all()
      .flatMap(({ shape, body }) => {
        const event = upcast(shape, body);
        if (!event.type.endsWith('CancelRequested')) return [];
        const texts = readTexts(made.file.db, [event]);
        return note({ event, at: made.now, policy: held, texts })?.text ?? [];
      });
    expect(told).toEqual([
      expect.stringMatching(/cancelled \*hello v1\* for \*production\*.*the gateway burns/),
      expect.stringMatching(/v2\* was cancelled by <@UADA>.*the gateway burns/),
    ]);
  });

  it('is refused to a person without the right to release', async () => {
    const made = new CoreWorld(policy({ ...held, people: { ...held.people, bake: ['T1/UADA'] } }));
    expect(await made.do({ do: 'stop', service: 'hello', reason: 'x', by: eve })).toMatchObject({
      refused: 'not allowed',
    });
  });

  it.each(['stop', 'revoke'] as const)(
    'and %s leaves alone what may serve by itself already, whatever was heard of it',
    async (how) => {
      const made = new CoreWorld(policy(held));
      made.say = ({ kind, effect }) => (kind === 'shift' && effect.includes('dev') ? 'hang' : undefined);
      await made.push('one');
      await made.run(5_000);
      expect(made.deployment('hello.dev.1')).toMatchObject({ admitted: true, share: 0, state: 'running' });
      const order = { service: 'hello', reason: 'an incident', by: ada } as const;
      const answer = await made.do(
        how === 'stop' ? { ...order, do: 'stop' } : { ...order, do: 'revoke', version: 1 },
      );
      expect(made.deployment('hello.dev.1').state).toBe('running');
      if (how === 'revoke')
        expect(answer.sentence).toContain('It still runs: v1 in dev (on its way): release');
    },
  );
});
