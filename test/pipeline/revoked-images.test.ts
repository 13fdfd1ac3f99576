import { describe, expect, it } from 'vitest';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { messages } from '../../src/ledger/schema.ts';
import type { CoreWorld } from '../support/core-world.ts';
import { first, inProduction, second, world } from '../support/held-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

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
