import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods, type Uploads } from './files.ts';
import type { ApiMethod } from './method.ts';
import { peopleMethods } from './people.ts';
import { viewMethods } from './views.ts';

const connectionsOpen: ApiMethod = {
  token: 'app',
  tier: 'none',
  scope: 'connections:write',
  answer: (_args, context) => ({ url: context.socketUrl() }),
};

/** Every method that the Web API answers, by name. */
export function allMethods(uploads: Uploads): Readonly<Record<string, ApiMethod>> {
  return {
    ...peopleMethods,
    'apps.connections.open': connectionsOpen,
    ...chatMethods,
    ...conversationMethods,
    ...viewMethods,
    ...fileMethods(uploads),
  };
}
