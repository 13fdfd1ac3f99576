import { ProviderError } from '../../pipeline/provider.ts';
import type { RegistrySettings } from './settings.ts';

/**
 * `DELETE /v2/<name>/manifests/<digest>` of the OCI distribution specification. `not allowed` where the registry
 * keeps everything; gone already is fine. Throws ProviderError.
 */
export async function deleteManifest(
  settings: RegistrySettings,
  id: string,
  signal: AbortSignal,
): Promise<'removed' | 'not allowed'> {
  const [name = '', digest = ''] = id.split('@');
  const slash = name.indexOf('/');
  const scheme = settings.insecure ? 'http' : 'https';
  const url = `${scheme}://${name.slice(0, slash)}/v2/${name.slice(slash + 1)}/manifests/${digest}`;
  let response = await ask(url, signal, await basic(settings));
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (response.status === 401 && /^bearer /i.test(challenge))
    response = await ask(url, signal, `Bearer ${await tokenFor(challenge, settings, signal)}`);
  if (response.ok || response.status === 404) return 'removed';
  if (response.status === 405) return 'not allowed';
  if (response.status === 401 || response.status === 403)
    throw new ProviderError(
      'denied',
      `The registry does not let Bakery remove ${id}. It is still there; give its account the right.`,
    );
  throw new ProviderError(
    response.status >= 500 ? 'unreachable' : 'unexpected state',
    `The registry answered ${response.status} when ${id} was to be removed. It is still there.`,
  );
}

async function ask(url: string, signal: AbortSignal, authorization: string | undefined): Promise<Response> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  const headers = authorization === undefined ? {} : { authorization };
  try {
    const response = await fetch(url, { method: 'DELETE', headers, signal: within, redirect: 'error' });
    await response.body?.cancel();
    return response;
  } catch (cause) {
    throw new ProviderError('unreachable', 'The registry cannot be reached. Bakery tries again.', { cause });
  }
}

async function basic({ username, password }: RegistrySettings): Promise<string | undefined> {
  if (username === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${await password()}`).toString('base64')}`;
}

/** The token that a registry's own challenge says where to fetch. */
async function tokenFor(challenge: string, settings: RegistrySettings, signal: AbortSignal): Promise<string> {
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const url = new URL(fields.get('realm') ?? '');
  for (const name of ['service', 'scope']) {
    const value = fields.get(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const authorization = await basic(settings);
  const response = await fetch(url, {
    signal,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  });
  const body: unknown = await response.json();
  if (typeof body === 'object' && body !== null && 'token' in body) return String(body.token);
  throw new ProviderError('denied', 'The registry gave no token. Nothing was removed; check its account.');
}
