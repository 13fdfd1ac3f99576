import { SlackRefusal } from '../errors.ts';
import { flag, text } from '../fields.ts';
import type { WorkspaceState } from '../state.ts';
import type { UserGroup } from '../types.ts';
import { wireBotUser, wirePerson } from '../wire.ts';
import { type ApiMethod, page, required } from './method.ts';

const users = { token: 'bot', scope: 'users:read' } as const;
const groups = { token: 'bot', scope: 'usergroups:read', tier: 2 } as const;

/** The methods that begin with `users.` and `usergroups.`, and `auth.test`. */
export const peopleMethods: Readonly<Record<string, ApiMethod>> = {
  'auth.test': {
    token: 'bot',
    tier: 'none',
    answer(_args, { state, baseUrl }) {
      const { teamId, teamName, botUserId, botId, botName } = state.installation;
      return {
        url: `${baseUrl}/`,
        team: teamName,
        user: botName.toLowerCase(),
        team_id: teamId,
        user_id: botUserId,
        bot_id: botId,
        is_enterprise_install: false,
      };
    },
  },
  'users.info': {
    ...users,
    tier: 4,
    answer(args, { state }) {
      const id = required(args, 'user');
      if (id === state.installation.botUserId) return { user: wireBotUser(state) };
      const person = state.people.get(id);
      if (person === undefined) throw new SlackRefusal('user_not_found');
      return { user: wirePerson(person, state) };
    },
  },
  'users.list': {
    ...users,
    tier: 2,
    answer(args, { state }) {
      const all = [
        ...[...state.people.values()].map((person) => wirePerson(person, state)),
        wireBotUser(state),
      ];
      const part = page(all, args, 1000);
      return { members: part.items, response_metadata: part.metadata };
    },
  },
  'users.lookupByEmail': {
    token: 'bot',
    scope: 'users:read.email',
    tier: 3,
    answer(args, { state }) {
      const email = required(args, 'email');
      const person = [...state.people.values()].find((each) => each.email === email);
      if (person === undefined) throw new SlackRefusal('users_not_found');
      return { user: wirePerson(person, state) };
    },
  },
  'usergroups.list': {
    ...groups,
    answer: (args, { state }) => ({
      usergroups: state.userGroups.map((group) => ({
        ...wireGroup(group, state),
        ...(flag(args, 'include_users') ? { users: group.users } : {}),
      })),
    }),
  },
  'usergroups.users.list': {
    ...groups,
    answer(args, { state }) {
      const id = text(args, 'usergroup');
      const group = state.userGroups.find((each) => each.id === id);
      if (group === undefined) throw new SlackRefusal('no_such_subteam');
      return { users: group.users };
    },
  },
};

function wireGroup(group: UserGroup, state: WorkspaceState) {
  return {
    id: group.id,
    team_id: state.installation.teamId,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: '',
    user_count: group.users.length,
    date_delete: 0,
  };
}
