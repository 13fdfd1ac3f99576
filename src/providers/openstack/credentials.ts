import { ProviderError } from '../../pipeline/provider.ts';
import { type Auth, type Cloud, methods } from './cloud.ts';

/**
 * The body of `POST /v3/auth/tokens` (Identity API v3): by application credential, by token or by password, as
 * `auth_type` says, else the first of these that the settings hold. An application credential has its project in it.
 * Throws `bad settings`.
 */
export function loginOf({ auth, auth_type: type }: Pick<Cloud, 'auth' | 'auth_type'>): object {
  const method = type === undefined ? held(auth) : methods[type];
  switch (method) {
    case 'application_credential': {
      const identity = { methods: [method], application_credential: credentialOf(auth) };
      return { auth: { identity } };
    }
    case 'token': {
      const identity = { methods: [method], token: { id: needed(auth.token, 'token') } };
      return { auth: { identity, scope: { project: projectOf(auth) } } };
    }
    case 'password': {
      const user = { ...userOf(auth), password: needed(auth.password, 'password') };
      const identity = { methods: [method], password: { user } };
      return { auth: { identity, scope: { project: projectOf(auth) } } };
    }
  }
}

function held({ application_credential_secret: secret, token }: Auth) {
  if (secret !== undefined) return 'application_credential';
  return token === undefined ? 'password' : 'token';
}

function credentialOf(auth: Auth): object {
  const { application_credential_id: id, application_credential_name: name } = auth;
  const secret = needed(auth.application_credential_secret, 'application_credential_secret');
  if (id !== undefined) return { id, secret };
  return { name: needed(name, 'application_credential_id'), user: userOf(auth), secret };
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
