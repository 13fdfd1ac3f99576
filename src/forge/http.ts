import type { z } from 'zod';
import { ProviderError } from '../pipeline/provider.ts';

/** Milliseconds that a forge may take for all pages together; somebody waits for the answer to a click. */
const limit = 10_000;
/** The end of one question, however many pages its answer has. */
export const deadline = (): AbortSignal => AbortSignal.timeout(limit);
/** Pages of a hundred: more checks than that on one commit are not read, and what is missing has not run. */
export const mostPages = 10;

/** One page of a forge's answer, checked. Throws ProviderError `unreachable`, `denied` or `unexpected state`. */
export async function page<Schema extends z.ZodType>(
  url: URL,
  headers: Record<string, string>,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.infer<Schema>> {
  const answer = await fetch(url, {
    headers: { ...headers, 'user-agent': 'bakery' },
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    throw new ProviderError('unreachable', `The forge at ${url.host} does not answer.`, { cause });
  });
  if (!answer.ok) throw refusal(url, answer.status);
  const parsed = schema.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new ProviderError(
    'unexpected state',
    `The forge at ${url.host} answers with what is no list of checks.`,
  );
}

function refusal({ host }: URL, status: number): ProviderError {
  if (status === 401 || status === 403 || status === 404)
    return new ProviderError(
      'denied',
      `The forge at ${host} does not show the checks (status ${status}). Look at \`checks\` in the service's file: the project's name, and whether the token may read it.`,
    );
  return new ProviderError('unreachable', `The forge at ${host} answers with status ${status}.`);
}
