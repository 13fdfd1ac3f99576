import type { Notification, Receiver } from '../../pipeline/domain/notification.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { templates } from './templates.ts';

interface Parts {
  secret(reference: string): Promise<string>;
  installation: string;
  now(): At;
}

/** How long a receiver may take for one call. */
const limit: Millis = 15_000;

/** Tells a receiver one thing. The key is read each time, so that a new one counts at once. Throws ProviderError. */
export const tellReceiver =
  ({ secret, installation, now }: Parts) =>
  async (receiver: Receiver, notification: Notification, link: string | undefined): Promise<void> => {
    const key = await secret(receiver.key);
    const letter = { notification, installation, now: now(), ...(link === undefined ? {} : { link }) };
    const { url, headers, body } = templates[receiver.template](receiver, key, letter);
    const { host } = new URL(url);
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'user-agent': 'bakery' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(limit),
    }).catch((cause: unknown) => {
      throw new ProviderError('unreachable', `The receiver ${receiver.name} at ${host} does not answer.`, {
        cause,
      });
    });
    await response.body?.cancel();
    if (!response.ok) throw refusal(receiver, host, response.status);
  };

function refusal({ name }: Receiver, host: string, status: number): ProviderError {
  const what = `The receiver ${name} at ${host} answers with status ${status}`;
  if (status === 429) return new ProviderError('busy', `${what}: too many requests.`);
  if (status >= 500) return new ProviderError('unreachable', `${what}.`);
  return new ProviderError(
    'denied',
    `${what}. Look at \`notify\` in bot.yaml: its url, its template and its key.`,
  );
}
