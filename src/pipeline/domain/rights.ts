import { type Actor, actorKey } from './actor.ts';
import { isRefusal, type Refusal, refuse } from './command.ts';
import type { Grant } from './grant.ts';
import { type Installation, newInstallation } from './installation.ts';
import type { People, Right, ServicePolicy } from './policy.ts';
import type { Verified } from './verified.ts';
import { isElsewhere, livesElsewhere, type Workspace } from './workspace.ts';

const verbs: Record<Right, string> = {
  bake: 'release',
  approve: 'approve',
  rollback: 'roll back',
  retire: 'retire old versions of',
  lock: 'lock, freeze or revoke',
  override: 'override the rules for',
  trace: 'see the traces of',
};

export interface Asking {
  by: Actor;
  verified?: Verified | undefined;
}

/** What rights are decided on: the operators' files, and who claimed the installation. */
export interface Powers {
  policy: ServicePolicy;
  installation: Installation;
}

/**
 * Whether somebody may do this now, and through what. People are known by team and user id of the verified request,
 * their groups by what Slack said of them, never by a name. Webhooks and the clock may start a release and no more;
 * operators at the command line may do all but approve and override, which takes break-glass and a reason.
 */
export function permission(
  asking: Asking,
  right: Right,
  powers: Powers,
  environment?: string,
): Grant | Refusal {
  const about = { right, ...(environment === undefined ? {} : { environment }) };
  const { by, verified } = asking;
  switch (by.kind) {
    case 'webhook':
    case 'poll':
    case 'clock':
    case 'files':
      return right === 'bake'
        ? { ...about, through: by.kind }
        : refuse('not allowed', `Only a person can ${verbs[right]} ${powers.policy.service}.`);
    case 'operator':
      if (right !== 'approve' && right !== 'override') return { ...about, through: 'operator' };
      return (verified?.breakGlass ?? '').trim() === ''
        ? refuse('not allowed', breakGlassNeeded)
        : { ...about, through: 'break-glass' };
    case 'person': {
      const { service, workspace } = powers.policy;
      if (workspace !== undefined && isElsewhere(by, workspace))
        return refuse('not allowed', livesElsewhere(service, workspace));
      const listed = holders(right, powers, environment);
      const through = listed.find((entry) => covers(entry, by, verified));
      return through === undefined
        ? refuse('not allowed', whyNot(right, powers, listed, verified))
        : { ...about, through };
    }
  }
}

/** Whether somebody holds a right as far as the files and what is known of his groups tell: when he acts both are asked anew. */
export const isKnownToHold = (
  asking: Asking,
  right: Right,
  policy: ServicePolicy,
  environment?: string,
): boolean => !isRefusal(permission(asking, right, { policy, installation: newInstallation }, environment));

const breakGlassNeeded =
  'An operator at the command line cannot approve. Approve in Slack; when nobody can, say --break-glass with the reason.';

/** Who holds a right, as configured; the administrators where it is given to nobody. */
export function holders(right: Right, { policy, installation }: Powers, environment?: string): People {
  const here = environment === undefined ? undefined : policy.peopleIn?.[environment]?.[right];
  const listed = here ?? policy.people[right] ?? [];
  return listed.length > 0
    ? listed
    : inWorkspace(administrators(policy.admins, installation), policy.workspace);
}

/** Those who can act in a workspace: an id of another one means nobody here. */
const inWorkspace = (entries: People, workspace: Workspace | undefined): People =>
  workspace === undefined
    ? entries
    : entries.filter((entry) => entry === '*' || entry.startsWith(`${workspace.team}/`));

/** Whether somebody may decide for the whole installation. */
export function administration(
  { by, verified }: Asking,
  admins: People | undefined,
  installation: Installation,
): Grant | Refusal {
  if (by.kind === 'operator') return { right: 'administer', through: 'operator' };
  const listed = administrators(admins, installation);
  const through = by.kind === 'person' ? listed.find((entry) => covers(entry, by, verified)) : undefined;
  if (through !== undefined) return { right: 'administer', through };
  const who =
    listed.length === 0
      ? 'It has none yet: name `admins` in bot.yaml, or claim Bakery with `/bake claim` and the code that it printed at its start.'
      : shownTo(by, listed);
  return refuse('not allowed', `Only an administrator of Bakery may do this. ${who}`);
}

/** Administrators in words; only those of his own workspace are shown to somebody: elsewhere the same id is another's. */
export function shownTo(by: Actor, listed: People): string {
  const here = listed.filter(
    (entry) => by.kind !== 'person' || entry === '*' || entry.startsWith(`${by.team}/`),
  );
  return here.length === 0
    ? 'None of them is of this workspace.'
    : `They are: ${here.map(mention).join(', ')}.`;
}

/** Those that bot.yaml names; where it names none, who claimed the installation. */
export function administrators(admins: People | undefined, { owner }: Installation): People {
  if (admins !== undefined && admins.length > 0) return admins;
  return owner === undefined ? [] : [actorKey(owner.by)];
}

type Person = Extract<Actor, { kind: 'person' }>;

/** Whether an entry of the configuration is about this person, as far as it was verified. */
export function covers(entry: string, by: Person, verified: Verified | undefined): boolean {
  if (entry === '*' || entry === actorKey(by)) return true;
  const [team, id = ''] = entry.split('/');
  if (team !== by.team) return false;
  if (isGroup(entry)) return groupsOf(verified).includes(entry);
  return isChannel(entry) && id === verified?.channel;
}

/** Whether an entry is a user group, by its id in Slack. */
export const isGroup = (entry: string): boolean => /\/S[A-Z0-9]+$/.test(entry);
/** Whether an entry is one person. */
export const isPerson = (entry: string): boolean => /\/[UW][A-Z0-9]+$/.test(entry);
const isChannel = (entry: string): boolean => /\/[CG][A-Z0-9]+$/.test(entry);

const groupsOf = (verified: Verified | undefined): string[] =>
  verified?.groups === undefined || verified.groups === 'unknown' ? [] : verified.groups.in;

function whyNot(
  right: Right,
  { policy }: Pick<Powers, 'policy'>,
  listed: People,
  verified: Verified | undefined,
): string {
  const no = `You may not ${verbs[right]} ${policy.service}.`;
  if (listed.length === 0) {
    return `${no} Nobody may yet: name people in its file, or claim Bakery with \`/bake claim\` and the code that it printed at its start.`;
  }
  const unasked =
    verified?.groups === 'unknown' && listed.some(isGroup)
      ? ' Slack could not be asked about user groups just now, so they do not count. Try again in a minute.'
      : '';
  return `${no} These people may: ${listed.map(mention).join(', ')}.${unasked}`;
}

/** Somebody who acted, as Slack shows people in their own workspace; operators by their account. */
export function named(by: Actor, shownIn?: Workspace): string {
  if (by.kind === 'operator') return `the operator ${by.account}`;
  if (by.kind !== 'person') return by.kind;
  return isElsewhere(by, shownIn) ? 'somebody of another workspace' : mention(actorKey(by));
}

/** An entry of the configuration as Slack shows it. */
export function mention(entry: string): string {
  const id = entry.slice(entry.indexOf('/') + 1);
  if (entry === '*') return 'everybody';
  if (isGroup(entry)) return `<!subteam^${id}>`;
  return isChannel(entry) ? `whoever acts in <#${id}>` : `<@${id}>`;
}
