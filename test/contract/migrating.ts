import { describe, expect, it } from 'vitest';
import { readTexts } from '../../src/ledger/texts.ts';
import { isOver } from '../../src/pipeline/domain/release.ts';
import type { TaskTools } from '../../src/pipeline/tasks/contract.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { ada, environment, policy, serviceFile } from '../support/policies.ts';
import { freeCall } from '../support/settle.ts';
import type { ProviderRig } from './provider.ts';
import { ProviderWorld } from './provider-world.ts';

/** A cloud whose machines reach this one, and which has a secret for them. */
export interface MigratingRig extends ProviderRig {
  /** This machine's address as the cloud's machines know it. */
  host: string;
  /** The reference of that secret. */
  reference: string;
  /** How a worker reads secrets, where instances do not do so themselves. */
  tools?: Pick<TaskTools, 'secret'>;
  patience: number;
}

const id = 'hello.dev.1';

/** A service whose files have a migration that connects with a secret, and prints it. */
const worldOf = (rig: MigratingRig, database: Database): ProviderWorld => {
  const { name } = rig.provider;
  const values = { DATABASE: { value: database.url }, PASSWORD: { secret: rig.reference } };
  const settings = (digest: string) => ({ digest: `sha256:${digest}`, values });
  const file = {
    ...serviceFile,
    recipe: { ...serviceFile.recipe, start: rig.start.servesItsTable },
    health: { path: '/healthz', within: rig.patience },
    variables: Object.keys(values).map((one) => ({ name: one, type: 'string' as const, required: true })),
    migrate: { argv: rig.start.migrates, timeout: rig.patience },
  };
  const environments = [environment('dev', 4001, { provider: name, settings: settings('dev') })];
  return new ProviderWorld(
    rig,
    policy({ provider: name, verify: settings('verify'), environments }),
    file,
    rig.tools,
  );
};

/** What is in the cloud beside images and what is live. */
const left = async (world: ProviderWorld, { provider }: ProviderRig): Promise<string[]> => {
  const live = new Set(world.ledgerSlot('dev')?.live?.instances.map((one) => one.id));
  const listed = await provider.list(world.ledger.owner, freeCall());
  return listed
    .filter((one) => one.what !== 'image' && !live.has(one.id))
    .map((one) => `${one.what} ${one.id}`);
};

const isDone = (world: ProviderWorld): boolean =>
  world.ledgerSlot('dev')?.live !== undefined && world.ledgerSlot('dev')?.open.length === 0;
const hasFailed = (world: ProviderWorld): boolean =>
  world.deploymentIds().includes(id) && world.deployment(id).state === 'failed';

/** A migration on a real cloud, from the push to the service that finds its table as it needs it. */
export const migratingContract = (
  name: string,
  make: () => Promise<MigratingRig>,
  patience: number,
): void => {
  describe(`a migration on ${name}`, () => {
    it(
      'brings each database to what the new version needs, which then finds it so, and prints no secret',
      async () => {
        const rig = await make();
        const database = await openDatabase(rig.host);
        const world = worldOf(rig, database);
        await world.push('one');
        await world.until(() => isDone(world), 0, patience);
        expect(database.runs).toEqual(['verify', 'dev']);
        const [live] = world.slot('dev').live?.instances ?? [];
        expect(await (await fetch(live?.address ?? '')).text()).toBe('size');
        const log = await world.logOf('migrate', 'dev');
        expect(log).toMatch(/(^|\n)connecting with \[secret\]\nadded size\n\S+ ended with exit code 0\n/);
        await world.until(() => isOver(world.release(1)), 15_000, patience);
        expect(await left(world, rig)).toEqual([]);
        await world.end();
      },
      2 * patience,
    );

    it(
      'that fails starts nothing, says why with its last lines, leaves nothing, and can be tried again',
      async () => {
        const rig = await make();
        const database = await openDatabase(rig.host);
        database.refuses.add('dev');
        const world = worldOf(rig, database);
        await world.push('one');
        await world.until(() => hasFailed(world), 0, patience);
        const { failure } = world.deployment(id);
        expect(failure).toMatchObject({ stage: 'migrate', fault: 'exited' });
        const texts = readTexts(world.file.db, [failure]);
        expect(texts[failure?.sentence ?? '']).toContain('exit code 3');
        expect(texts[failure?.lines ?? '']).toBe('connecting with [secret]\nthe table is locked');
        expect(await left(world, rig)).toEqual([]);
        database.refuses.clear();
        await world.do({
          do: 'retry deployment',
          service: 'hello',
          deployment: id,
          stage: 'migrate',
          by: ada,
        });
        await world.until(() => isDone(world), 0, patience);
        expect(database.runs).toEqual(['verify', 'dev', 'dev']);
        expect(await left(world, rig)).toEqual([]);
        await world.end();
      },
      2 * patience,
    );

    it(
      'that is cancelled in the middle is ended, and leaves nothing',
      async () => {
        const rig = await make();
        const database = await openDatabase(rig.host);
        database.holds.add('dev');
        const world = worldOf(rig, database);
        await world.push('one');
        await world.until(() => database.runs.includes('dev'), 0, patience);
        await world.do({ do: 'cancel deployment', service: 'hello', deployment: id, by: ada });
        await world.until(() => world.deployment(id).state === 'cancelled', 0, patience);
        expect(await left(world, rig)).toEqual([]);
        expect(world.ledgerSlot('dev')?.lease).toBeUndefined();
        await world.end();
      },
      2 * patience,
    );
  });
};
