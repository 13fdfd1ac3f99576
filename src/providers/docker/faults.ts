import { systemCode } from '../../pipeline/disk-fault.ts';
import type { Fault } from '../../pipeline/domain/fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** The HTTP status of the engine's answer, when the error is one. */
const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;

export const isGone = (error: unknown): boolean => statusOf(error) === 404;
export const isTaken = (error: unknown): boolean => statusOf(error) === 409;
/** "Not modified": it is so already. */
export const isSoAlready = (error: unknown): boolean => statusOf(error) === 304;

/**
 * What the engine says, without the status that the client wraps around it. The engine has no codes of its own:
 * these few words, unchanged since Docker 1.10, are all that tells its failures apart.
 */
const wordsOf = (error: unknown): string => {
  const body = error instanceof Error && 'json' in error ? error.json : undefined;
  const told =
    typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : undefined;
  return (told ?? (error instanceof Error ? error.message : String(error))).trim();
};

export const isPortTaken = (error: unknown): boolean =>
  /port is already allocated|address already in use/.test(wordsOf(error));

/** What was to be unpacked is no tar, or a broken one: in the words of Go's archive/tar, flate and gzip. */
export const isNoTar = (error: unknown): boolean =>
  /archive\/tar: |unexpected EOF|flate: corrupt|gzip: invalid/.test(wordsOf(error)) &&
  !isFull(wordsOf(error));

/** A link in a tar leads out of where it is unpacked. */
export const isLinkOutside = (error: unknown): boolean => /invalid (?:sym|hard)link/.test(wordsOf(error));

const isFull = (words: string): boolean => /no space left on device|disk quota exceeded/i.test(words);

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** A registry's failure comes in the engine's words too. */
const isAway = (words: string): boolean =>
  /socket hang up|aborted|dial tcp|connection re(?:fused|set)|no such host|i\/o timeout|handshake timeout/.test(
    words,
  );
const isRefused = (words: string): boolean =>
  /unauthorized|authentication required|access .*denied/.test(words);

/**
 * An engine's failure as the one error that ports throw; a ProviderError stays what it is. `doing` completes
 * "Docker could not …".
 */
export const asProviderError = (error: unknown, doing: string): ProviderError => {
  if (error instanceof ProviderError) return error;
  const words = wordsOf(error).slice(0, 500);
  const { fault, advice } = judge(error, words);
  return new ProviderError(
    fault,
    `Docker could not ${doing}${words === '' ? '' : ` (${words})`}. ${advice}`,
    {
      cause: error,
    },
  );
};

function judge(error: unknown, words: string): { fault: Fault; advice: string } {
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError') return { fault: 'aborted', advice: 'It was cancelled.' };
  if (isFull(words))
    return {
      fault: 'disk full',
      advice: 'The disk of the engine is full; what runs was left as it is. Make room there, then retry.',
    };
  const status = statusOf(error);
  const code = systemCode(error) ?? '';
  if (name === 'TimeoutError' || awayCodes.has(code) || isAway(words))
    return { fault: 'unreachable', advice: 'Bakery tries again; what runs was left as it is.' };
  if (code === 'EACCES' || status === 401 || status === 403)
    return { fault: 'denied', advice: 'Give the account of this worker the right to use the engine.' };
  if (isRefused(words))
    return { fault: 'denied', advice: 'Give the account that bot.yaml names the right to use the registry.' };
  if (status === 503 || status === 429)
    return { fault: 'busy', advice: 'Bakery tries again; what runs was left as it is.' };
  return {
    fault: 'unexpected state',
    advice: 'What runs was left as it is; look at the engine, then retry.',
  };
}

/** Runs `work`; whatever it throws comes out as a ProviderError. */
export const onEngine = async <Value>(doing: string, work: () => Promise<Value>): Promise<Value> => {
  try {
    return await work();
  } catch (error) {
    throw asProviderError(error, doing);
  }
};

/** What `look` finds; undefined when the engine says that there is no such thing. */
export const unlessGone = async <Value>(look: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await look;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** Removes something; gone already, or on its way, is fine. */
export const removed = async (removing: Promise<unknown>): Promise<void> => {
  try {
    await removing;
  } catch (error) {
    if (!isGone(error) && !isTaken(error)) throw error;
  }
};
