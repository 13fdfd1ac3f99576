import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toBot } from '../config/bot.ts';
import { botFileSchema } from '../config/bot-file.ts';
import type { Config } from '../config/config.ts';
import { readDocument } from '../config/document.ts';
import { type ConfigFiles, readConfigFiles } from '../config/files.ts';
import { configOf } from '../config/load.ts';
import { printProblem } from '../config/problem.ts';
import { serviceNameProblem } from '../config/reserved.ts';
import { parseServiceFile } from '../config/service-file.ts';
import { lookAt } from './look.ts';
import { type Place, policyText, serviceFileText } from './texts.ts';

interface Options {
  /** A checkout, or a folder of one. */
  checkout: string;
  /** The folder of bot.yaml. */
  config: string;
  /** The service's name; that of the folder when it is left out. */
  name?: string;
  print(line: string): void;
}

/** `bakery init`: writes both files when they are right together, and nothing otherwise. Returns the exit code. */
export async function init({ checkout, config: dir, name, print }: Options): Promise<0 | 1> {
  const no = (...lines: string[]): 1 => {
    for (const line of lines) print(line);
    return 1;
  };
  // It becomes part of a path before the files are checked.
  const misnamed = name === undefined ? undefined : serviceNameProblem(name);
  if (misnamed !== undefined) return no(`services/${name}.yaml: ${misnamed} Nothing was written.`);
  const folder = resolve(checkout);
  const files = await readConfigFiles(dir);
  const from = await originOf(folder);
  if (from === undefined)
    return no(
      `${folder} is no checkout of a Git repository. Nothing was written; clone it, and name that folder.`,
    );
  const found = lookAt(folder);
  if (found === undefined)
    return no(
      `Nothing in ${folder} tells how it is started: no Dockerfile, no package.json with a start script, no go.mod. Nothing was written; begin from examples/hello/bakery.yaml.`,
    );
  const looked = { ...found, ...(name === undefined ? {} : { name }) };
  const known = knownOf(files);
  if (Array.isArray(known)) return no(...known, 'Nothing was written.');
  const place = placeFor(looked.kind === 'dockerfile', known);
  if (typeof place === 'string') return no(`${place} Nothing was written.`);
  const pair = {
    service: { path: join(folder, 'bakery.yaml'), text: serviceFileText(looked, place) },
    policy: {
      path: join(servicesFolder(files), `${looked.name}.yaml`),
      text: policyText(looked, from, place, known),
    },
  };
  const there = [pair.service, pair.policy].find(({ path }) => existsSync(path));
  if (there !== undefined) return no(`${there.path} is there already. Nothing was written.`);
  const problems = problemsOf(files, pair);
  if (problems.length > 0) return no(...problems, 'Nothing was written.');
  await writeFile(pair.service.path, pair.service.text);
  await mkdir(dirname(pair.policy.path), { recursive: true });
  await writeFile(pair.policy.path, pair.policy.text, { mode: 0o640 });
  print(
    `${pair.service.path}: how it is built, started and verified. Look through it, commit it and push it.`,
  );
  print(
    `${pair.policy.path}: where it runs and who may do what. Look through it; a bot that runs takes it by itself.`,
  );
  print(`Both were checked. In Slack: /bake ${looked.name}`);
  return 0;
}

const run = promisify(execFile);

/** Where a checkout comes from; undefined when it is none. */
async function originOf(folder: string) {
  const git = async (...argv: string[]): Promise<string | undefined> =>
    run('git', ['-C', folder, ...argv], { timeout: 10_000 }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
  const top = await git('rev-parse', '--show-toplevel');
  if (top === undefined) return undefined;
  const head = await git('symbolic-ref', '--short', 'refs/remotes/origin/HEAD');
  return {
    repository: (await git('remote', 'get-url', 'origin')) ?? top,
    branch: head?.replace(/^origin\//, '') ?? (await git('symbolic-ref', '--short', 'HEAD')) ?? 'main',
    folder: relative(top, folder) || '.',
  };
}

/** A provider and a balancer that there are, and ports that nobody has; or why there are none, in words. */
function placeFor(isDockerfile: boolean, config: Known): Place | string {
  const [balancer] = config.balancers.keys();
  if (balancer === undefined) return 'bot.yaml has no balancer.';
  const wanted = isDockerfile ? (['docker'] as const) : (['local', 'docker'] as const);
  const taken = [...config.policies.values()].flatMap(({ environments }) =>
    environments.map(({ port }) => port),
  );
  const port = Math.max(7_000, ...taken) + 1;
  for (const kind of wanted)
    for (const [provider, made] of config.providers)
      if (made.kind === kind) {
        const production = made.kind !== 'local' || made.allowProduction === true;
        return { provider, kind, production, balancer, port };
      }
  return `bot.yaml has no provider of kind ${wanted.join(' or ')}, which this service would run on; write its files from examples/.`;
}

type Known = Pick<Config, 'providers' | 'balancers' | 'admins' | 'policies'>;

/** What the operators' files say so far, or what is wrong with them. A first service needs bot.yaml alone. */
function knownOf(files: ConfigFiles): Known | string[] {
  const loading = configOf(files);
  if (loading.ok) return loading.config;
  const problems = loading.problems.map(printProblem);
  if (files.services.length > 0 || typeof files.bot.text !== 'string') return problems;
  const reading = readDocument(files.bot.text, 'bot.yaml', botFileSchema);
  return reading.ok
    ? { ...toBot(reading.value, files.dir, process.env).bot, policies: new Map() }
    : reading.problems.map(printProblem);
}

/** Where `services` of bot.yaml looks: a folder, or a pattern in one. */
function servicesFolder({ dir, pattern }: ConfigFiles): string {
  const whole = resolve(dir, pattern);
  return existsSync(whole) && statSync(whole).isDirectory() ? whole : dirname(whole);
}

const withPolicy = (files: ConfigFiles, { path, text }: { path: string; text: string }): ConfigFiles => ({
  ...files,
  services: [...files.services, { path, name: relative(files.dir, path), text }],
});

/** All problems of the pair, as if it were written. */
function problemsOf(
  files: ConfigFiles,
  { service, policy }: Record<'service' | 'policy', { path: string; text: string }>,
): string[] {
  const reading = parseServiceFile(service.text, 'bakery.yaml');
  const own = reading.ok ? [] : reading.problems.map((one) => printProblem({ file: 'bakery.yaml', ...one }));
  const whole = configOf(withPolicy(files, policy));
  return [...own, ...(whole.ok ? [] : whole.problems.map(printProblem))];
}
