import { basename, extname } from 'node:path';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { type BotSettings, toBot } from './bot.ts';
import { botFileSchema } from './bot-file.ts';
import type { WorkingHours } from './calendar.ts';
import type { Config } from './config.ts';
import { buildsProblem, policyFindings, portFindings } from './cross-check.ts';
import { type Read, readDocument } from './document.ts';
import { type ConfigFile, type ConfigFiles, readConfigFiles, unread } from './files.ts';
import { groupFindings, toGroups } from './groups.ts';
import { toPolicy } from './policy.ts';
import { type PolicyFile, policyFileSchema } from './policy-file.ts';
import type { Problem } from './problem.ts';
import { publishes } from './providers/index.ts';
import { serviceNameProblem } from './reserved.ts';
import { serviceFindings, workspaceFindings, workspaceOf } from './workspaces.ts';

export type Loading = { ok: true; config: Config } | { ok: false; problems: Problem[] };

interface Loaded {
  file: string;
  policy: ServicePolicy;
  /** The workspace that its file names. */
  workspace: string | undefined;
  reminders: WorkingHours | undefined;
  line: Read<PolicyFile>['line'];
}

/**
 * Reads `bot.yaml` of a folder and the services' files that it names, and checks them against each other.
 * All problems at once; throws only for bugs. `env` is where `{ env: NAME }` of the queue is looked up.
 */
export const loadConfig = async (dir: string, env: Env = process.env): Promise<Loading> =>
  configOf(await readConfigFiles(dir), env);

type Env = Readonly<Record<string, string | undefined>>;

/** The configuration that files write down, as they were read: all problems at once. */
export function configOf(read: ConfigFiles, env: Env = process.env): Loading {
  const { dir: folder, pattern, services: files, digest, digests } = read;
  const { text } = read.bot;
  if (text instanceof Error)
    return failed([
      problem(
        'bot.yaml',
        1,
        `${unread(text)} in ${folder}; write it, beginning from examples/config/bot.yaml.`,
      ),
    ]);
  const reading = readDocument(text, 'bot.yaml', botFileSchema);
  const problems: Problem[] = reading.ok ? [] : [...reading.problems];
  const bot = reading.ok ? toBot(reading.value, folder, env) : undefined;
  if (reading.ok && bot?.queueProblem !== undefined)
    problems.push(problem('bot.yaml', reading.line(['queue']), bot.queueProblem));
  if (reading.ok && bot !== undefined)
    for (const { path, sentence } of workspaceFindings(bot.bot.slack, bot.bot))
      problems.push(problem('bot.yaml', reading.line(path), sentence));
  const unbuilt = bot === undefined ? undefined : buildsProblem(bot.bot);
  if (reading.ok && unbuilt !== undefined)
    problems.push(problem('bot.yaml', reading.line(['worker', 'builds', 'provider']), unbuilt));
  if (files.length === 0)
    problems.push(
      problem(
        'bot.yaml',
        reading.ok ? reading.line(['services']) : 1,
        `\`services\` finds no file in ${pattern}; add one, beginning from examples/config/services/hello.yaml.`,
      ),
    );
  if (reading.ok) {
    for (const provider of Object.keys(reading.value.prices?.instanceHour ?? {}))
      if (reading.value.providers[provider] === undefined)
        problems.push(
          problem(
            'bot.yaml',
            reading.line(['prices', 'instanceHour', provider]),
            `\`prices\` names a provider ${provider} that there is not; correct the name, or remove it.`,
          ),
        );
  }
  const loaded = readServices(folder, files, bot?.bot, problems);
  if (bot !== undefined) crossCheck(loaded, bot.bot, problems);
  const ofServices = new Map(loaded.map(({ policy }) => [policy.service, policy]));
  if (reading.ok) {
    const names = files.map(({ path }) => basename(path, extname(path)));
    for (const { path, sentence } of groupFindings(reading.value.groups, ofServices, names))
      problems.push(problem('bot.yaml', reading.line(['groups', ...path]), sentence));
  }
  if (problems.length > 0 || bot === undefined || !reading.ok) return failed(problems);
  const { admins, prices, notify, traces } = bot.bot;
  const forAll = {
    ...(notify.length === 0 ? {} : { notify }),
    ...(prices === undefined ? {} : { prices }),
  };
  const { providers } = bot.bot;
  const policies = new Map(
    loaded.map(({ policy }) => {
      const publishing = publishes(providers.get(policy.provider)) ? { publishes: true as const } : {};
      const own = {
        admins: entriesIn(policy.workspace, admins),
        people: {
          ...policy.people,
          ...(traces === undefined ? {} : { trace: entriesIn(policy.workspace, traces.readers) }),
        },
      };
      return [policy.service, { ...policy, ...own, ...forAll, ...publishing }];
    }),
  );
  const remindersOf = new Map(
    loaded.flatMap(({ policy, reminders }) => (reminders === undefined ? [] : [[policy.service, reminders]])),
  );
  return {
    ok: true,
    config: {
      ...bot.bot,
      policies,
      groups: toGroups(reading.value.groups, policies),
      remindersOf,
      files: { digest, digests },
    },
  };
}

function readServices(
  folder: string,
  files: ConfigFile[],
  bot: BotSettings | undefined,
  problems: Problem[],
): Loaded[] {
  const loaded = new Map<string, Loaded>();
  for (const { path, name: file, text } of files) {
    const service = basename(path, extname(path));
    const twice = loaded.get(service)?.file;
    const misnamed =
      twice === undefined ? serviceNameProblem(service) : `${twice} names this service already; remove one.`;
    if (misnamed !== undefined) problems.push(problem(file, 1, misnamed));
    if (text instanceof Error) {
      problems.push(problem(file, 1, `${unread(text)}; make it readable for this account.`));
      continue;
    }
    const reading = readDocument(text, file, policyFileSchema);
    if (!reading.ok) problems.push(...reading.problems);
    else if (twice === undefined) {
      const from = { dir: folder, ...placeIn(bot, reading.value.workspace) };
      loaded.set(service, {
        file,
        line: reading.line,
        policy: toPolicy(service, reading.value, from),
        workspace: reading.value.workspace,
        reminders: reading.value.reminders,
      });
    }
  }
  return [...loaded.values()];
}

/** Of those that bot.yaml names, who can act in a workspace. */
const entriesIn = (workspace: ServicePolicy['workspace'], entries: string[]): string[] =>
  workspace === undefined
    ? entries
    : entries.filter((entry) => entry === '*' || entry.startsWith(`${workspace.team}/`));

/** Where cards of a service go that names no channel. */
function placeIn(bot: BotSettings | undefined, name: string | undefined) {
  if (bot === undefined) return { channel: '' };
  const { defaultChannel, workspace } = workspaceOf(bot.slack, name);
  return { channel: defaultChannel, ...(workspace === undefined ? {} : { workspace }) };
}

function crossCheck(loaded: Loaded[], bot: BotSettings, problems: Problem[]): void {
  for (const { file, line, policy, workspace } of loaded)
    for (const { path, sentence } of [
      ...policyFindings(policy, bot),
      ...serviceFindings(policy, workspace, bot.slack),
    ])
      problems.push(problem(file, line(path), sentence));
  const policies = loaded.map(({ policy }) => policy);
  for (const { service, path, sentence } of portFindings(policies, bot)) {
    const at = loaded.find(({ policy }) => policy.service === service);
    if (at !== undefined) problems.push(problem(at.file, at.line(path), sentence));
  }
}

const problem = (file: string, line: number, sentence: string): Problem => ({ file, line, sentence });

function failed(problems: Problem[]): { ok: false; problems: Problem[] } {
  const ordered = problems.toSorted((a, b) => order(a.file) - order(b.file) || compare(a, b));
  return { ok: false, problems: ordered };
}

const order = (file: string): number => (file === 'bot.yaml' ? 0 : 1);
const compare = (a: Problem, b: Problem): number => a.file.localeCompare(b.file, 'en') || a.line - b.line;
