import type { WebClient } from '@slack/web-api';
import type { At } from '../pipeline/domain/time.ts';
import type { Mailbox, Verified } from '../pipeline/domain/verified.ts';
import type { Log } from './log.ts';
import type { Person } from './people.ts';
import { type Remembered, remembering } from './remembering.ts';
import { troubleOf } from './slack-error.ts';

/** What Slack says of user groups and e-mail addresses. Kept for at most five minutes. */
export interface Membership {
  /**
   * Those of the groups (`team/group`) that the person is in, and when Slack was asked. `unknown` when it could not be
   * asked about one of them and he is in none of the others: the rules then count him to none.
   */
  groupsOf(person: Person, groups: readonly string[]): Promise<NonNullable<Verified['groups']>>;
  /** Whose address it is. */
  mailbox(email: string): Promise<Mailbox>;
}

interface Options {
  client: WebClient;
  now: () => At;
  log: Log;
}

const keep = 5 * 60_000;

/** Asks Slack for members and addresses. What could not be asked is not kept, so that the next request asks again. */
export function createMembership({ client, now, log }: Options): Membership {
  const members = remembering<ReadonlySet<string>>(now);
  const mailboxes = remembering<Mailbox>(now);

  /** Undefined when Slack cannot be asked. */
  function membersOf(group: string): Promise<Remembered<ReadonlySet<string>> | undefined> {
    return members(group, keep, async () => {
      const usergroup = group.slice(group.indexOf('/') + 1);
      const answer = await client.usergroups.users.list({ usergroup });
      return new Set(answer.users ?? []);
    }).catch((error: unknown) => {
      log.warn({ trouble: troubleOf(error), group }, 'slack could not be asked who is in a user group');
      return undefined;
    });
  }

  return {
    async groupsOf(person, groups) {
      const ours = groups.filter((group) => group.startsWith(`${person.team}/`));
      const asked = await Promise.all(ours.map(membersOf));
      const found = ours.filter((_, index) => asked[index]?.value.has(person.user) === true);
      if (found.length === 0 && asked.includes(undefined)) return 'unknown';
      const times = asked.flatMap((one) => (one === undefined ? [] : [one.at]));
      return { in: found, askedAt: Math.min(now(), ...times) };
    },
    async mailbox(email) {
      try {
        const { value } = await mailboxes(email.toLowerCase(), keep, () => lookUp(client, email));
        return value;
      } catch (error) {
        log.warn({ trouble: troubleOf(error) }, 'slack could not be asked whose an e-mail address is');
        return { is: 'unknown' };
      }
    },
  };
}

async function lookUp(client: WebClient, email: string): Promise<Mailbox> {
  try {
    const { user } = await client.users.lookupByEmail({ email });
    if (user?.id === undefined || user.team_id === undefined || user.deleted) return { is: 'nobody' };
    return { is: 'person', key: `${user.team_id}/${user.id}` };
  } catch (error) {
    const trouble = troubleOf(error);
    if ('code' in trouble && trouble.code === 'users_not_found') return { is: 'nobody' };
    throw error;
  }
}
