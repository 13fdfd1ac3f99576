import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { CoreWorld } from './core-world.ts';
import { environment, eve, policy } from './policies.ts';

/** Production of a service in which all who are there may approve, but not what they asked for. */
export const production = (more: Partial<EnvironmentPolicy> = {}) =>
  policy({
    people: {
      bake: ['*'],
      approve: ['*'],
      rollback: ['*'],
      retire: ['*'],
      lock: ['*'],
      override: ['T1/UADA'],
    },
    environments: [
      environment('dev', 4001),
      environment('production', 4003, {
        promotion: 'approval',
        approvals: 1,
        selfApproval: false,
        production: true,
        ...more,
      }),
    ],
  });

/** v1 was pushed by Eve and waits for approval. */
export async function waiting(more: Partial<EnvironmentPolicy> = {}): Promise<CoreWorld> {
  const world = new CoreWorld(production(more));
  await world.push('one', eve);
  await world.run(5_000);
  return world;
}
export const first = 'hello.production.1';
