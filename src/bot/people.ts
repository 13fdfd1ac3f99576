import type { UsersInfoResponse, WebClient } from '@slack/web-api';
import { type Actor, actorKey } from '../pipeline/domain/actor.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Log } from './log.ts';
import { remembering } from './remembering.ts';
import { troubleOf } from './slack-error.ts';

export type Person = Extract<Actor, { kind: 'person' }>;

export interface People {
  /**
   * Somebody as he is known in this workspace. In an Enterprise Grid Slack names with a click the workspace that is a
   * person's first, and with a command the one in which it was typed: both are him. Who is not known here is left as he is.
   */
  here(person: Person): Promise<Person>;
  /**
   * A sentence when this is no full, active member of our own workspace, or when Slack cannot be asked. For what only
   * shows something: an answer of the last five minutes is believed.
   */
  problem(person: Person): Promise<string | undefined>;
  /** The same at the moment of acting: an answer of the last seconds is believed, for what one gesture asks, and no older. */
  problemNow(person: Person): Promise<string | undefined>;
  /** What people call somebody, for texts that must not notify him; undefined when Slack cannot be asked. */
  name(user: string): Promise<string | undefined>;
}

type Found = Pick<NonNullable<UsersInfoResponse['user']>, 'profile' | 'real_name' | 'name'>;

const keep = 5 * 60_000;
/** So that one person who presses again and again costs Slack six calls a minute of the hundred it allows for everybody. */
const keepWhileActing = 10_000;
const most = 10_000;

interface Options {
  client: WebClient;
  now: () => At;
  log: Log;
  /** Our workspace. Unset: the one that the token belongs to. */
  teamId?: string;
  /** Filled with the time zone of whoever acts, by `team/user`. */
  zones?: Map<string, string> | undefined;
}

/**
 * Tells full members from guests, bots, deactivated accounts and people of other workspaces. When Slack cannot be asked,
 * the answer is no.
 */
export function createPeople({ client, now, log, teamId, zones }: Options): People {
  const problems = remembering<string | undefined>(now);
  const teams = remembering<ReadonlySet<string>>(now);
  const names = new Map<string, { name: string | undefined; until: At }>();
  let known = teamId;

  const home = async (): Promise<string | undefined> => {
    known ??= (await client.auth.test()).team_id;
    return known;
  };

  async function ask(person: Person): Promise<string | undefined> {
    const ours = await home();
    const { user } = await client.users.info({ user: person.user });
    remember(person.user, user);
    if (user?.tz) zones?.set(actorKey(person), user.tz);
    if (user?.id !== person.user) return 'Slack does not know you.';
    if (user.deleted) return 'Your Slack account is deactivated, so this was not done.';
    if (user.is_bot || user.is_workflow_bot || user.id === 'USLACKBOT') {
      return 'Bakery takes no orders from bots.';
    }
    if (user.is_restricted || user.is_ultra_restricted || user.is_stranger) {
      return 'Guests cannot do this: it takes a full member of the workspace.';
    }
    // Also who is known here under an id that the request names in another workspace: it is somebody else's.
    const member = ours === undefined || (teamsOf(user).has(ours) && person.team === ours);
    return member ? undefined : strangers;
  }

  async function problemOf(person: Person, oldest: Millis): Promise<string | undefined> {
    try {
      return (await problems(actorKey(person), oldest, () => ask(person))).value;
    } catch (error) {
      log.warn({ trouble: troubleOf(error), user: person.user }, 'slack could not be asked who somebody is');
      return 'Slack could not be asked who you are just now, so nothing was done. Try again in a minute.';
    }
  }

  function remember(id: string, user: Found | undefined): string | undefined {
    const name = user?.profile?.display_name || user?.real_name || user?.name;
    if (names.size >= most) names.clear();
    names.set(id, { name, until: now() + (name === undefined ? keep : 12 * keep) });
    return name;
  }

  return {
    async here(person) {
      try {
        const ours = await home();
        if (ours === undefined || person.team === ours) return person;
        const asked = async () => teamsOf((await client.users.info({ user: person.user })).user);
        const { value: his } = await teams(person.user, keep, asked);
        return his.has(ours) && his.has(person.team) ? { ...person, team: ours } : person;
      } catch (error) {
        log.debug(
          { trouble: troubleOf(error), user: person.user },
          'slack could not be asked whose somebody is',
        );
        return person;
      }
    },
    async name(user) {
      const remembered = names.get(user);
      if (remembered !== undefined && remembered.until > now()) return remembered.name;
      try {
        return remember(user, (await client.users.info({ user })).user);
      } catch (error) {
        log.debug({ trouble: troubleOf(error), user }, 'slack could not be asked for a name');
        return remember(user, undefined);
      }
    },
    problem: (person) => problemOf(person, keep),
    problemNow: (person) => problemOf(person, keepWhileActing),
  };
}

/** The workspaces that somebody belongs to: one, or several of an Enterprise Grid. */
const teamsOf = (user: UsersInfoResponse['user']): ReadonlySet<string> =>
  new Set([user?.team_id, ...(user?.enterprise_user?.teams ?? [])].filter((team) => team !== undefined));

const strangers = 'Only people of the workspace that Bakery belongs to can do this.';
