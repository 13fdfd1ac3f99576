import type { Hook } from '../../src/pipeline/domain/hook.ts';
import type { Outcome, TaskInputs } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { CoreWorld } from './core-world.ts';
import { policy } from './policies.ts';

export const hook = (
  name: string,
  when: Hook['when'],
  stage: Hook['stage'],
  more: Partial<Hook> = {},
): Hook => ({
  ...{ name, when, stage, within: 60_000, stops: true },
  how: { by: 'call', url: 'https://hooks.example.test/x', key: 'env:KEY' },
  ...more,
});

/** A world whose service has these hooks; what a hook answers is the test's. */
export function hooked(
  hooks: Hook[],
  answer: (name: string) => Outcome | 'hang' | undefined = () => undefined,
): CoreWorld {
  const world = new CoreWorld(policy({ hooks }));
  world.say = ({ kind, input }) =>
    kind === 'hook' ? answer((input as TaskInputs['hook']).about.hook) : undefined;
  return world;
}

const nameOf = ({ kind, input }: Attempt): string =>
  kind === 'hook' ? (input as TaskInputs['hook']).about.hook : kind;

/** What was attempted so far, in order: kinds of tasks, and hooks by their names. */
export const done = (world: CoreWorld): string[] => world.attempts.map(nameOf);

/** What a hook was told, each time that it was asked. */
export const askedOf = (world: CoreWorld, name: string): TaskInputs['hook']['about'][] =>
  world.attempts
    .filter((one) => nameOf(one) === name)
    .map(({ input }) => (input as TaskInputs['hook']).about);

/** The next version is pushed, approved and live in production. */
export async function nextLive(world: CoreWorld, commit: string, deployment: string): Promise<void> {
  await world.push(commit);
  await world.run(30_000);
  await world.approve(deployment);
  await world.run(60_000);
}
