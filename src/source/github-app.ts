import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import * as z from 'zod';
import type { RepositoryAccess } from '../pipeline/domain/access.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import { ProviderError } from '../pipeline/provider.ts';

type App = Extract<RepositoryAccess, { by: 'github app' }>;

interface Parts {
  secret(reference: string): Promise<string>;
  hide(value: string): void;
  now(): At;
}

/** A token is asked for anew when less of it is left. GitHub's last an hour. */
const least: Millis = 10 * 60_000;
const limit: Millis = 15_000;
const answer = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });

/**
 * Tokens of a GitHub App's installation that may read one repository and nothing else, kept until shortly before they run
 * out. Throws ProviderError `bad settings`, `denied`, `busy` or `unreachable`.
 */
export function installationTokens(parts: Parts): (app: App, repository: string) => Promise<string> {
  const kept = new Map<string, { token: string; until: At }>();
  return async (app, repository) => {
    const key = JSON.stringify([app, repository]);
    const known = kept.get(key);
    if (known !== undefined && known.until - parts.now() > least) return known.token;
    const { token, expires_at: until } = await ask(app, repository, parts);
    parts.hide(token);
    kept.set(key, { token, until: Date.parse(until) });
    return token;
  };
}

async function ask(app: App, repository: string, parts: Parts): Promise<z.infer<typeof answer>> {
  const key = privateKey(app, await parts.secret(app.key));
  const url = new URL(`${app.api.replace(/\/$/, '')}/app/installations/${app.installation}/access_tokens`);
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(limit),
    headers: {
      authorization: `Bearer ${appToken(app.app, key, parts.now())}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
      'user-agent': 'bakery',
    },
    body: JSON.stringify({ repositories: [nameOf(repository)], permissions: { contents: 'read' } }),
  }).catch((cause: unknown) => {
    throw new ProviderError('unreachable', `${url.host} does not answer. Nothing was fetched.`, { cause });
  });
  if (!response.ok) throw refusal(app, url, response.status);
  const read = answer.safeParse(await response.json().catch(() => undefined));
  if (read.success) return read.data;
  throw new ProviderError(
    'unexpected state',
    `${url.host} answered with something else than a token. Nothing was fetched.`,
  );
}

/**
 * How an App says who it is: a JSON Web Token signed by RS256 that is good for nine minutes, begun a minute ago since clocks
 * differ (GitHub's documentation, "Generating a JSON Web Token for a GitHub App").
 */
export function appToken(app: number, key: KeyObject, now: At): string {
  const seconds = Math.floor(now / 1_000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const said = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 540, iss: String(app) })}`;
  return `${said}.${sign('sha256', Buffer.from(said), key).toString('base64url')}`;
}

function privateKey({ app, key }: App, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // The cause is left out: it may repeat the text.
    throw new ProviderError(
      'bad settings',
      `The secret ${key} is no private key of the GitHub App ${app}. Nothing was fetched; put the .pem file there that GitHub gave you.`,
    );
  }
}

function refusal({ app, installation }: App, { host }: URL, status: number): ProviderError {
  if (status === 429 || status >= 500)
    return new ProviderError(
      status === 429 ? 'busy' : 'unreachable',
      `${host} gives no token just now (status ${status}). Nothing was fetched; Bakery tries again.`,
    );
  return new ProviderError(
    'denied',
    `${host} gives the GitHub App ${app} no token for installation ${installation} (status ${status}). Nothing was fetched; look at \`access\` in the service's file, at the App's key, and whether the App is installed on this repository with the permission to read contents.`,
  );
}

/** The last part of the path: the API takes names without owner. */
const nameOf = (repository: string): string =>
  new URL(repository).pathname
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .at(-1) ?? '';
