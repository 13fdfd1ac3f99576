import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseServiceFile } from '../../config/service-file.ts';
import type { CommandEnd } from '../commands.ts';
import { refuseFullDisk } from '../disk-fault.ts';
import type { Package } from '../domain/image.ts';
import type { RecipeFile, ServiceFile } from '../domain/service-file.ts';
import type { Outcome, TaskResults } from '../domain/task.ts';
import { ProviderError } from '../provider.ts';
import { type BuildPlace, inBuildPlace } from './build-place.ts';
import { readBuildSecrets, refuseSecretsIn } from './build-secrets.ts';
import { checkOut } from './checkout.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { contextFiles, packContext } from './pack-context.ts';
import { inWords, runLogged } from './run-command.ts';
import { inScratch, inside } from './scratch.ts';
import { agreeOnBuild, takeSubmitted } from './submitted.ts';

const fileName = 'bakery.yaml';
const largestFile = 256 * 1024;
const shownProblems = 20;

type Secrets = Readonly<Record<string, string>>;
type Step = ServiceFile['build']['commands'][number];

const badFile = (sentence: string, lines?: string[]): ProviderError =>
  new ProviderError('bad service file', sentence, lines === undefined ? {} : { lines });

const readServiceFile = async (folder: string): Promise<ServiceFile> => {
  const file = await inside(folder, fileName);
  const stats = file === undefined ? undefined : await stat(file);
  if (file === undefined || !stats?.isFile()) {
    throw badFile(`The commit has no ${fileName} in the service's folder. Nothing was built; add one.`);
  }
  if (stats.size > largestFile)
    throw badFile(`${fileName} is larger than 256 KiB. Nothing was built; shorten it.`);
  const read = parseServiceFile(await readFile(file, 'utf8'), fileName);
  if (read.ok) return read.file;
  const lines = read.problems.map(({ line, sentence }) => `${fileName}:${line}: ${sentence}`);
  throw badFile(
    `${fileName} has ${lines.length === 1 ? 'a problem' : `${lines.length} problems`}: ${read.problems[0]?.sentence ?? ''} Nothing was built; correct it and push again.`,
    lines.slice(0, shownProblems),
  );
};

/** What a command's end means for the build; undefined when it went well. */
const failureOf = ({ name, command }: Step, end: CommandEnd): ProviderError | undefined => {
  const lines = end.lastLines;
  const shown = `The ${name} command (${command.argv.join(' ')})`;
  if ('killed' in end) {
    const sentence = `${shown} took longer than ${inWords(command.timeout)} and was ended. No package was made; raise its timeout or find what hangs.`;
    return new ProviderError('timeout', sentence, { lines });
  }
  if ('notStarted' in end) {
    const sentence = `${shown} could not be started on this worker: ${end.notStarted}. No package was made.`;
    return new ProviderError('command failed', sentence, { lines });
  }
  if (end.exit === 0) return undefined;
  const sentence = `${shown} failed with exit code ${end.exit}. No package was made; its last lines say why.`;
  return new ProviderError('command failed', sentence, { lines });
};

const storePackage = async (
  folder: string,
  path: string,
  secrets: Secrets,
  tools: TaskTools,
): Promise<Package> => {
  const file = await inside(folder, path);
  if (file === undefined || !(await stat(file)).isFile()) {
    throw new ProviderError(
      'no package',
      `The package command ended well, but there is no file ${path} in the service's folder. Nothing was kept; correct build.package.file or the command.`,
    );
  }
  await refuseSecretsIn(file, `The package ${path}`, secrets);
  const { digest, size } = await tools.store.put(createReadStream(file));
  return { digest, size, name: basename(path) };
};

const runCommands = async (
  file: ServiceFile,
  { commands, cwd, env }: BuildPlace,
  scratch: string,
  call: TaskCall,
): Promise<void> => {
  for (const step of file.build.commands) {
    const { argv, timeout } = step.command;
    const end = await runLogged({ argv, timeout, cwd, env }, step.name, commands, call);
    const failure = failureOf(step, end);
    if (failure === undefined) continue;
    await refuseFullDisk(scratch, end.lastLines);
    throw failure;
  }
};

/** The package, and the service file with the recipe's own files named by digest. */
const keep = async (
  file: ServiceFile,
  place: BuildPlace,
  secrets: Secrets,
  tools: TaskTools,
): Promise<TaskResults['build']> => {
  const { package: wanted } = file.build;
  const own = file.recipe.files?.map(({ from }) => from) ?? [];
  const folder = await place.bring(wanted === undefined ? ['.'] : [wanted, ...own]);
  const made =
    wanted === undefined
      ? await storeContext(folder, secrets, tools)
      : await storePackage(folder, wanted, secrets, tools);
  return { package: made, file: await storeRecipeFiles(folder, file, tools, secrets) };
};

const storeContext = async (folder: string, secrets: Secrets, { store }: TaskTools): Promise<Package> => {
  const files = await contextFiles(folder);
  for (const file of files) {
    const whole = await inside(folder, file);
    if (whole !== undefined) await refuseSecretsIn(whole, `The file ${file}`, secrets);
  }
  return packContext(folder, files, store);
};

/** Keeps the bytes of the recipe's own files, and names them by digest in the service file. */
const storeRecipeFiles = async (
  folder: string,
  file: ServiceFile,
  { store }: TaskTools,
  secrets: Secrets = {},
): Promise<ServiceFile> => {
  if (file.recipe.files === undefined) return file;
  const files: RecipeFile[] = [];
  for (const wanted of file.recipe.files) {
    const source = await inside(folder, wanted.from);
    if (source === undefined || !(await stat(source)).isFile()) {
      throw badFile(
        `image.files asks for ${wanted.from}, but there is no such file in the service's folder. Nothing was baked; add it or correct the path.`,
      );
    }
    await refuseSecretsIn(source, `The file ${wanted.from}`, secrets);
    const { digest } = await store.put(createReadStream(source));
    files.push({ ...wanted, digest });
  }
  return { ...file, recipe: { ...file.recipe, files } };
};

/** Clones the exact commit, runs the service's own commands, and stores the package. There is nothing to adopt: the store keeps the same bytes once. */
export const build: Task<'build'> = {
  kind: 'build',
  run: (input, tools, call) =>
    inScratch(tools.scratch, 'build the package', async (scratch): Promise<Outcome<'build'>> => {
      call.progress('fetching the commit');
      const checkout = await checkOut(input, scratch, tools, call);
      const file = await readServiceFile(checkout.folder);
      try {
        agreeOnBuild(input, file);
        if (input.submitted !== undefined) {
          call.progress('taking what was handed over');
          const taken = await takeSubmitted(input.submitted, input.version, scratch, tools);
          const whole = await storeRecipeFiles(checkout.folder, file, tools);
          return { is: 'done', result: { ...taken, file: whole } };
        }
        // Read only now: neither git nor the checkout ever had them.
        const secrets = await readBuildSecrets(input.secrets, tools);
        const result = await inBuildPlace(input, file, checkout, scratch, tools, call, async (place) => {
          await runCommands(file, { ...place, env: { ...secrets, ...place.env } }, scratch, call);
          return keep(file, place, secrets, tools);
        });
        return { is: 'done', result };
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return { is: 'failed', failure: error.failure, evidence: { file } };
      }
    }),
};
