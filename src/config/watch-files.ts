import type { Config } from './config.ts';
import { type ConfigFiles, readConfigFiles } from './files.ts';
import { configOf } from './load.ts';
import type { Problem } from './problem.ts';

interface Options {
  /** The folder of bot.yaml. */
  dir: string;
  /** The digest of the files that are in force. */
  inForce: string;
  /** Puts a configuration into force, whole or not at all; problems when it cannot be, which are looked at again. */
  take(config: Config, files: ConfigFiles): Promise<Problem[]>;
  /** Told once of each set of problems. Nothing was changed. */
  refused(problems: Problem[], files: ConfigFiles): Promise<void>;
  read?(dir: string): Promise<ConfigFiles>;
}

export interface FilesWatch {
  /**
   * Looks at the files. A change counts once it stands still from one look to the next, so that nothing half-written
   * is taken; `atOnce` when somebody says that it is whole. One look after the other; throws what `take` throws.
   */
  look(atOnce?: boolean): Promise<void>;
}

/** Compares the operators' files with what is in force, and takes what changed when all of it is right. */
export function watchFiles({ dir, inForce, take, refused, read = readConfigFiles }: Options): FilesWatch {
  let taken = inForce;
  /** What was seen at the last look and is not settled: neither taken nor wrong in itself. */
  let seen = inForce;
  let wrong: string | undefined;
  let told = '';
  let line: Promise<unknown> = Promise.resolve();

  const refuse = async (problems: Problem[], files: ConfigFiles): Promise<void> => {
    const words = JSON.stringify([files.digest, problems]);
    if (words === told) return;
    await refused(problems, files);
    told = words;
  };

  async function once(atOnce: boolean): Promise<void> {
    const files = await read(dir);
    const { digest } = files;
    const stoodStill = seen === digest;
    seen = digest;
    if (digest === taken && told === '') return;
    if (digest === wrong && !atOnce) return;
    if (!stoodStill && !atOnce) return;
    const loading = configOf(files);
    if (!loading.ok) {
      await refuse(loading.problems, files);
      wrong = digest;
      return;
    }
    const problems = await take(loading.config, files);
    if (problems.length > 0) return refuse(problems, files);
    taken = digest;
    wrong = undefined;
    told = '';
  }

  return {
    look(atOnce = false) {
      const mine = line.then(() => once(atOnce));
      line = mine.catch(() => undefined);
      return mine;
    },
  };
}
