import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Config, SlackSettings } from './config.ts';
import { nearest } from './nearest.ts';
import type { SlackFile } from './slack-file.ts';

/** What is wrong, at a key of a file. */
interface Finding {
  path: PropertyKey[];
  sentence: string;
}

type Workspaces = Config['slack'];

/** The workspaces that bot.yaml writes down; one that stands alone has no name. */
export function toWorkspaces(file: SlackFile): Workspaces {
  if (!Array.isArray(file)) return [toSlack(file)];
  const [first, ...others] = file.map(({ name, team, ...made }) => ({
    ...toSlack(made),
    workspace: { name, team },
  }));
  // The schema takes no empty list.
  if (first === undefined) throw new Error('bot.yaml names no workspace');
  return [first, ...others];
}

const toSlack = ({
  appToken,
  signingSecret,
  apiUrl,
  adminChannel,
  ...rest
}: Exclude<SlackFile, readonly unknown[]>): SlackSettings => ({
  ...rest,
  ...(appToken === undefined ? {} : { appToken }),
  ...(signingSecret === undefined ? {} : { signingSecret }),
  ...(apiUrl === undefined ? {} : { apiUrl }),
  adminChannel: adminChannel ?? rest.defaultChannel,
});

/** The workspace of a service: the one that its file names, else the first; also where there is none of that name. */
export const workspaceOf = (workspaces: Workspaces, name: string | undefined): SlackSettings =>
  workspaces.find(({ workspace }) => name !== undefined && workspace?.name === name) ?? workspaces[0];

/** What several workspaces in bot.yaml have wrong between them. */
export function workspaceFindings(
  workspaces: Workspaces,
  { admins, traces }: { admins: readonly string[]; traces?: { readers: readonly string[] } },
): Finding[] {
  return [
    ...twice(workspaces),
    ...ports(workspaces),
    ...adminFindings(workspaces, admins),
    ...strayEntries(workspaces, ['traces', 'readers'], traces?.readers ?? []),
  ];
}

function twice(workspaces: Workspaces): Finding[] {
  const findings: Finding[] = [];
  workspaces.forEach((one, index) => {
    const before = workspaces.slice(0, index);
    const { name, team } = one.workspace ?? { name: '', team: '' };
    if (before.some(({ workspace }) => workspace?.name === name))
      findings.push({
        path: ['slack', index, 'name'],
        sentence: `Another workspace is called \`${name}\` already; give this one a name of its own.`,
      });
    if (before.some(({ workspace }) => workspace?.team === team))
      findings.push({
        path: ['slack', index, 'team'],
        sentence: `The workspace ${team} stands here already; remove one, or correct its id.`,
      });
    if (before.some(({ botToken }) => botToken === one.botToken))
      findings.push({
        path: ['slack', index, 'botToken'],
        sentence: `\`${one.botToken}\` is the token of another workspace already, and a token speaks in one workspace alone; name this one's own.`,
      });
  });
  return findings;
}

function ports(workspaces: Workspaces): Finding[] {
  const called = workspaces.map((one, index) => ({ ...one, index })).filter(({ mode }) => mode === 'http');
  const [first] = called;
  return called
    .filter(({ port }) => port !== first?.port)
    .map(({ index }) => ({
      path: ['slack', index, 'port'],
      sentence: `All workspaces that call over HTTP share one port, and the first has ${first?.port}; set \`port: ${first?.port}\` here too.`,
    }));
}

function adminFindings(workspaces: Workspaces, admins: readonly string[]): Finding[] {
  const all = admins.indexOf('*');
  const sentence =
    "`'*'` would make everybody of every workspace an administrator; name people or groups as team/id.";
  return [
    ...(all < 0 || teamsOf(workspaces).length < 2 ? [] : [{ path: ['admins', all], sentence }]),
    ...strayEntries(workspaces, ['admins'], admins),
  ];
}

/** Entries of a list that are of no workspace that there is. */
function strayEntries(
  workspaces: Workspaces,
  path: readonly PropertyKey[],
  entries: readonly string[],
): Finding[] {
  const known = teamsOf(workspaces);
  return entries.flatMap((entry, index): Finding[] => {
    const stray = strayTeam(entry, known);
    return stray === undefined ? [] : [{ path: [...path, index], sentence: `${stray}; correct the id.` }];
  });
}

/** What one service has wrong about its workspace. `written` is the name that its file gives. */
export function serviceFindings(
  policy: ServicePolicy,
  written: string | undefined,
  workspaces: Workspaces,
): Finding[] {
  const names = workspaces.flatMap(({ workspace }) => workspace?.name ?? []);
  if (written !== undefined && !names.includes(written))
    return [{ path: ['workspace'], sentence: unknownWorkspace(written, names) }];
  const { workspace, service } = policy;
  if (workspace === undefined) return [];
  const known = teamsOf(workspaces);
  return entriesOf(policy).flatMap(({ path, entry }): Finding[] => {
    if (entry === '*' || entry.startsWith(`${workspace.team}/`)) return [];
    const stray = strayTeam(entry, known);
    return [
      {
        path,
        sentence: `${stray ?? `${entry} is of another workspace`}, and \`${service}\` belongs to \`${workspace.name}\`, where alone it is acted on; name somebody of ${workspace.team}.`,
      },
    ];
  });
}

const teamsOf = (workspaces: Workspaces): string[] =>
  workspaces.flatMap(({ workspace }) => workspace?.team ?? []);

function strayTeam(entry: string, known: readonly string[]): string | undefined {
  const [team = ''] = entry.split('/');
  if (entry === '*' || known.length === 0 || known.includes(team)) return undefined;
  return `${entry} is of the team ${team}, which is no workspace of bot.yaml`;
}

function unknownWorkspace(written: string, names: readonly string[]): string {
  if (names.length === 0)
    return `bot.yaml serves one workspace, which has no name; remove \`workspace\`, or write \`slack\` there as a list.`;
  const meant = nearest(written, names);
  return meant === undefined
    ? `bot.yaml has no workspace \`${written}\`; it has ${names.map((one) => `\`${one}\``).join(', ')}.`
    : `bot.yaml has no workspace \`${written}\`; did you mean \`${meant}\`?`;
}

/** All that names people in a service's file, with where it stands. */
function entriesOf({
  people,
  peopleIn = {},
  environments,
}: ServicePolicy): { path: PropertyKey[]; entry: string }[] {
  const listed = (path: PropertyKey[], list: readonly string[] = []) =>
    list.map((entry, index) => ({ path: [...path, index], entry }));
  const roles = (path: PropertyKey[], made: ServicePolicy['people']) =>
    Object.entries(made).flatMap(([right, list]) => listed([...path, right], list));
  return [
    ...roles(['people'], people),
    ...Object.entries(peopleIn).flatMap(([name, made]) => roles(['environments', name, 'people'], made)),
    ...environments.flatMap(({ name, oneOf }) => listed(['environments', name, 'oneOf'], oneOf)),
  ];
}
