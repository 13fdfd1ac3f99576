import { join, relative } from 'node:path';
import type { Commands } from '../commands.ts';
import type { ServiceFile } from '../domain/service-file.ts';
import type { TaskInputs } from '../domain/task.ts';
import { ProviderError } from '../provider.ts';
import type { Checkout } from './checkout.ts';
import { commandEnvironment } from './command-folders.ts';
import type { TaskCall, TaskTools } from './contract.ts';

/** Where the commands of one build run, and where on this worker the files are that they leave. */
export interface BuildPlace {
  commands: Commands;
  cwd: string;
  env: Record<string, string>;
  /** The folder on this worker with these files of the service's folder; `.` is all of it. */
  bring(paths: string[]): Promise<string>;
}

const denied = (sentence: string): ProviderError => new ProviderError('denied', sentence);

/**
 * Runs `work` in the builder image that the service file names, or on this worker itself when it names none. What was
 * made for it is removed whatever happens.
 */
export async function inBuildPlace<Value>(
  input: Pick<TaskInputs['build'], 'mark'>,
  { build }: Pick<ServiceFile, 'build'>,
  checkout: Checkout,
  scratch: string,
  tools: TaskTools,
  call: TaskCall,
  work: (place: BuildPlace) => Promise<Value>,
): Promise<Value> {
  const { builder } = tools;
  const time = { CI: 'true', SOURCE_DATE_EPOCH: checkout.commitTime };
  if (build.image === undefined) {
    if (builder?.only === true)
      throw denied(
        'This installation builds in builder images only, and bakery.yaml names none. Nothing was built; set build.image.',
      );
    const env = await commandEnvironment(scratch, checkout);
    return work({
      commands: tools.commands,
      cwd: checkout.folder,
      env,
      bring: async () => checkout.folder,
    });
  }
  if (builder === undefined)
    throw denied(
      `bakery.yaml asks for the builder image ${build.image}, and this worker's bot.yaml has no worker.builds. Nothing was built; add it there, or leave build.image out.`,
    );
  if (input.mark === undefined)
    throw denied('An older Bakery ordered this build, before builder images. Nothing was built; retry it.');
  call.progress(`preparing ${build.image}`);
  const { tree, folder, commitTime } = checkout;
  const order = { image: build.image, tree, folder: relative(tree, folder), commitTime, mark: input.mark };
  const room = await builder.open(order, call);
  try {
    const made = join(scratch, 'made');
    return await work({
      commands: room,
      cwd: room.folder,
      env: { ...time, ...room.env },
      bring: async (paths) => {
        await room.bring(paths, made);
        return made;
      },
    });
  } finally {
    await room.close().catch((error: unknown) => call.log(`${String(error)} The reaper takes it away.`));
  }
}
