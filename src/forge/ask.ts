import type { z } from 'zod';
import { ProviderError } from '../pipeline/provider.ts';

export interface Question<Schema extends z.ZodType> {
  method: 'GET' | 'POST' | 'PUT';
  url: URL;
  headers: Record<string, string>;
  body?: Record<string, unknown>;
  answer: Schema;
}

/** How long a forge may take for one call, in milliseconds. */
const limit = 15_000;

/** One call of a forge's API. Throws ProviderError `unreachable`, `busy`, `denied` or `unexpected state`. */
export async function ask<Schema extends z.ZodType>(question: Question<Schema>): Promise<z.infer<Schema>> {
  const { method, url, headers, body } = question;
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      'user-agent': 'bakery',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(limit),
  }).catch((cause: unknown) => {
    throw new ProviderError('unreachable', `The forge at ${url.host} does not answer.`, { cause });
  });
  if (!response.ok) throw refusal(method, url, response);
  const parsed = question.answer.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new ProviderError(
    'unexpected state',
    `The forge at ${url.host} answers ${method} ${url.pathname} with something else than its API promises.`,
  );
}

function refusal(method: string, { host, pathname }: URL, { status, headers }: Response): ProviderError {
  const what = `The forge at ${host} answers ${method} ${pathname} with status ${status}`;
  const limited = headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0';
  if (status === 429 || (status === 403 && limited))
    return new ProviderError('busy', `${what}: too many requests.`);
  if (status === 401 || status === 403 || status === 404)
    return new ProviderError(
      'denied',
      `${what}. Look at \`feedback\` in the service's file: the project's name, and whether the token may write statuses, deployments and comments.`,
    );
  return new ProviderError(status >= 500 ? 'unreachable' : 'unexpected state', `${what}.`);
}
