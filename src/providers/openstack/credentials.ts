import { ProviderError } from '../../pipeline/provider.ts';
import type { Auth } from './cloud.ts';

/**
 * The body of `POST /v3/auth/tokens` (Identity API v3): by application credential, by token or by password, the first
 * of these that the settings hold. An application credential has its project in it. Throws `bad settings`.
 */
export function loginOf(auth: Auth): object {
  if (auth.application_credential_secret !== undefined) {
    const { application_credential_id: id, application_credential_name: name } = auth;
    const secret = auth.application_credential_secret;
    const which =
      id === undefined ? { name: needed(name, 'application_credential_id'), user: userOf(auth) } : { id };
    return {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...which, secret },
        },
      },
    };
  }
  const scope = { project: projectOf(auth) };
  if (auth.token !== undefined)
    return { auth: { identity: { methods: ['token'], token: { id: auth.token } }, scope } };
  const password = needed(auth.password, 'password');
  const user = { ...userOf(auth), password };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope } };
}

const userOf = (auth: Auth): object =>
  auth.user_id === undefined
    ? {
        name: needed(auth.username, 'username'),
        domain: domainOf(auth.user_domain_id, auth.user_domain_name, 'user_domain_name'),
      }
    : { id: auth.user_id };

const projectOf = (auth: Auth): object =>
  auth.project_id === undefined
    ? {
        name: needed(auth.project_name, 'project_name'),
        domain: domainOf(auth.project_domain_id, auth.project_domain_name, 'project_domain_name'),
      }
    : { id: auth.project_id };

const domainOf = (id: string | undefined, name: string | undefined, key: string): object =>
  id === undefined ? { name: needed(name, key) } : { id };

function needed(value: string | undefined, key: string): string {
  if (value !== undefined) return value;
  throw new ProviderError('bad settings', `The cloud's auth has no ${key}. Add it, then retry.`);
}
