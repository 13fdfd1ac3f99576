import { CoreWorld } from './core-world.ts';
import { ada, environment, eve, policy } from './policies.ts';

const hour = 3_600_000;
/** Who may lock, and who may put a lock aside. */
export const held = policy({
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
export const first = 'hello.production.1';
export const second = 'hello.production.2';
export const inProduction = { service: 'hello', environment: 'production' } as const;

/** So many releases, the newest of which waits for approval; those before it went live one after the other. */
export async function world(releases = 1): Promise<CoreWorld> {
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
