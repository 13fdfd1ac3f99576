import type { HttpCheck } from '../domain/service-file.ts';
import type { Millis } from '../domain/time.ts';

const longest: Millis = 10_000;
const mostBytes = 1024 * 1024;

const textOf = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of response.body ?? []) {
    parts.push(bytes);
    size += bytes.length;
    if (size > mostBytes) break;
  }
  return Buffer.concat(parts).toString('utf8');
};

/** Does one check against the candidate; undefined when all is as it must be, otherwise why not. */
export const doHttpCheck = async (
  check: HttpCheck,
  address: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const url = new URL(check.path, address);
  if (url.origin !== new URL(address).origin) return 'the path leads to another host';
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(longest)]);
    const response = await fetch(url, {
      signal: within,
      redirect: 'manual',
      headers: { connection: 'close' },
    });
    const text = await textOf(response);
    if (response.status !== check.status)
      return `it answered ${response.status}, not ${check.status}: ${text.slice(0, 200)}`;
    if (check.contains === undefined || text.includes(check.contains)) return undefined;
    return `the answer does not contain "${check.contains}": ${text.slice(0, 200)}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
};
