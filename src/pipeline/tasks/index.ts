import type { Outcome, TaskInputs, TaskKind } from '../domain/task.ts';
import { ProviderError } from '../provider.ts';
import { admit } from './admit.ts';
import { bake } from './bake.ts';
import { build } from './build.ts';
import { check } from './check.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { detach } from './detach.ts';
import { discard } from './discard.ts';
import { drain } from './drain.ts';
import { hook } from './hook.ts';
import { inventory } from './inventory.ts';
import { launch } from './launch.ts';
import { migrate } from './migrate.ts';
import { output } from './output.ts';
import { publish } from './publish.ts';
import { reap } from './reap.ts';
import { reconcile } from './reconcile.ts';
import { rehearse } from './rehearse.ts';
import { script } from './script.ts';
import { shift } from './shift.ts';
import { survey } from './survey.ts';
import { terminate } from './terminate.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

/** Everything that a worker can do, by kind. */
const tasks: { [Kind in TaskKind]: Task<Kind> } = {
  build,
  bake,
  publish,
  hook,
  migrate,
  launch,
  verify,
  admit,
  shift,
  watch,
  drain,
  detach,
  terminate,
  survey,
  output,
  check,
  rehearse,
  script,
  inventory,
  reconcile,
  reap,
  discard,
};

interface AnyTask {
  run(input: unknown, tools: TaskTools, call: TaskCall): Promise<Outcome>;
}

/** The task of a kind; throws ProviderError `busy` for one of a later version, so that another worker takes it. Its input travelled as JSON from an order of the same kind. */
export function taskOf<Kind extends TaskKind>(kind: Kind): AnyTask {
  const task: Task<Kind> | undefined = tasks[kind];
  if (task === undefined)
    throw new ProviderError(
      'busy',
      `This worker is of an earlier version and does not know how to ${kind}. It left it to a newer one: update it.`,
    );
  return { run: (input, tools, call) => task.run(input as TaskInputs[Kind], tools, call) };
}
