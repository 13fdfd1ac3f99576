import { CoreWorld } from './core-world.ts';

/** v1 live in dev and production, old ones retired. */
export async function withV1(): Promise<CoreWorld> {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  await world.approve('hello.production.1');
  await world.run(60_000);
  return world;
}

/** v2 live in production with v1 still running beside it. */
export async function withV2Beside(): Promise<CoreWorld> {
  const world = await withV1();
  await world.push('two');
  await world.run(5_000);
  await world.approve('hello.production.2');
  await world.run(30_000);
  return world;
}
