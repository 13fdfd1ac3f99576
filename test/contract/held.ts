import { expect, it } from 'vitest';
import { messages } from '../../src/ledger/schema.ts';
import type { HealthCheck } from '../../src/pipeline/domain/service-file.ts';
import type { CoreWorld } from '../support/core-world.ts';
import { environment, policy, serviceFile } from '../support/policies.ts';
import { freeCall, settle } from '../support/settle.ts';
import type { ProviderRig } from './provider.ts';
import { ProviderWorld } from './provider-world.ts';

const health: HealthCheck = { path: '/healthz', within: 20_000 };

const serving = (world: CoreWorld): string[] =>
  world.ledgerSlot('dev')?.live?.instances.map(({ id }) => id) ?? [];
const isQuiet = (world: CoreWorld): boolean => world.ledgerSlot('dev')?.open.length === 0;
const isRepairing = (world: CoreWorld): boolean =>
  world.deploymentIds().some((id) => world.deployment(id).kind === 'repair');

/** For clouds whose machines have to boot: how long each step of it is waited for. */
const atOnce = { patience: 60_000, health };

/** A slot held at its count in a cloud: what somebody takes away there is replaced, and said. */
export const heldContract = (title: string, make: () => Promise<ProviderRig>, times = atOnce): void => {
  const { patience } = times;
  it(
    title,
    async () => {
      const rig = await make();
      const { name } = rig.provider;
      const environments = [environment('dev', 4001, { provider: name, count: 2 })];
      const recipe = { ...serviceFile.recipe, start: rig.start.serves };
      const file = { ...serviceFile, recipe, health: times.health };
      const world = new ProviderWorld(rig, policy({ provider: name, environments }), file);
      await world.push('one');
      await world.until(() => serving(world).length === 2 && isQuiet(world), 0, patience);
      const [lost = '', well = ''] = serving(world);
      await settle(() => rig.another().terminate(lost, 0, freeCall()), rig.wait);
      const since = world.now;
      // A minute is what it takes to notice it and to order another; a machine's own boot comes on top.
      await world.until(() => isRepairing(world), 15_000, patience);
      expect(world.now - since).toBeLessThan(60_000);
      await world.until(() => !serving(world).includes(lost) && isQuiet(world), 0, patience);
      expect(serving(world)[0]).toBe(well);
      expect(serving(world)).toHaveLength(2);
      for (const instance of world.slot('dev').live?.instances ?? [])
        expect(await rig.provider.inspect(instance, times.health, freeCall())).toEqual({
          state: 'running',
          healthy: true,
        });
      const said = world.file.db.select().from(messages).all();
      expect(said.filter(({ content }) => content.kind === 'notice')).toHaveLength(1);
      await world.end();
    },
    3 * patience,
  );
};
