import type { Fault } from '../../pipeline/domain/fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** What one of OpenStack's services refused, with its HTTP status and the request id that its operators look for. */
export class OpenStackError extends ProviderError {
  readonly status: number;
  readonly requestId: string | undefined;
  constructor(fault: Fault, sentence: string, status: number, requestId: string | undefined) {
    super(fault, sentence);
    this.name = 'OpenStackError';
    this.status = status;
    this.requestId = requestId;
  }
}

export interface Refusal {
  service: string;
  /** Completes "could not". */
  doing: string;
  status: number;
  text: string;
  requestId: string | undefined;
}

/** A refusal as the one error that ports throw. */
export function refusalOf({ service, doing, status, text, requestId }: Refusal): OpenStackError {
  const words = wordsOf(text);
  const { fault, advice } = judge(status, words, text);
  const details = [String(status), words, requestId].filter(Boolean).join(', ');
  const sentence = `OpenStack's ${service} service could not ${doing} (${details}). ${advice}`;
  return new OpenStackError(fault, sentence, status, requestId);
}

/** The request id of an answer as a piece of a sentence. */
export const told = (requestId: string | undefined): string =>
  requestId === undefined ? '' : ` (${requestId})`;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/**
 * The sentence of an error's body. Each service has a shape of its own: `{error: {message}}` (Keystone and every
 * 401), `{<kind>: {message}}` (Nova), `{NeutronError: {message}}`, `{faultstring}` (Octavia), `{message}` (Glance),
 * or HTML. Long values are cut out: Nova repeats the user data that it refuses.
 */
export function wordsOf(text: string): string {
  return plain(messageOf(text) ?? text)
    .replace(/[A-Za-z0-9+/=]{40,}/g, '…')
    .slice(0, 300);
}

function messageOf(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(body)) return undefined;
  const inner = Object.values(body).find(isObject);
  const found = body.faultstring ?? body.message ?? body.description ?? inner?.message;
  return typeof found === 'string' ? found : '';
}

const plain = (words: string): string =>
  words
    .replace(/<(title|style|script)\b[^>]*>.*?<\/\1>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

function judge(status: number, words: string, text: string): { fault: Fault; advice: string } {
  // Nova and Octavia tell a quota from a missing role by their words alone; Neutron by its type.
  if ((status === 403 && /quota/i.test(words)) || (status === 409 && text.includes('OverQuota')))
    return { fault: 'quota', advice: 'Nothing was made; remove what is not needed, or raise the quota.' };
  if (status === 409 && text.includes('IpAddressGenerationFailure'))
    return { fault: 'quota', advice: 'Nothing was made; give addresses back, or make the subnet larger.' };
  if (status === 401)
    return { fault: 'denied', advice: 'Nothing was changed; check the credentials of this cloud.' };
  if (status === 403)
    return { fault: 'denied', advice: 'Nothing was changed; give the account of this cloud the role.' };
  if (status === 413 || status === 429 || status === 503)
    return { fault: 'busy', advice: 'Bakery tries again; what runs was left as it is.' };
  if (status >= 500)
    return { fault: 'unreachable', advice: 'Bakery looks what came of it; what runs was left as it is.' };
  if (status === 400) return { fault: 'bad settings', advice: 'Nothing was changed; correct the settings.' };
  return { fault: 'unexpected state', advice: 'What runs was left as it is; look at it, then retry.' };
}
