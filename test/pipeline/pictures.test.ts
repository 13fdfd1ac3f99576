import { expect, it } from 'vitest';
import { messages } from '../../src/ledger/schema.ts';
import { CoreWorld } from '../support/core-world.ts';
import { environment, policy } from '../support/policies.ts';

it('each deployment that moved its traffic is to be drawn once in the thread of its card', async () => {
  const world = new CoreWorld(policy({ environments: [environment('production', 4003)] }));
  for (const name of ['one', 'two']) {
    await world.push(name);
    await world.run(60_000);
  }
  const kept = world.file.db.select().from(messages).all();
  const pictures = kept.filter(({ content }) => content.kind === 'picture');
  expect(pictures.map(({ key }) => key)).toEqual(
    world.deploymentIds().map((deployment) => `picture.${deployment}`),
  );
  for (const { content } of pictures)
    expect(kept.some(({ key }) => content.kind === 'picture' && key === content.card)).toBe(true);
});
