import { createHmac } from 'node:crypto';

/**
 * The header `webhook-signature` of Standard Webhooks (https://www.standardwebhooks.com, specification 1.0): HMAC-SHA256 of id,
 * time and body. A key that begins with `whsec_` is base64.
 */
export function webhookSignature(
  key: string,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): string {
  const secret = key.startsWith('whsec_')
    ? Buffer.from(key.slice('whsec_'.length), 'base64')
    : Buffer.from(key);
  return `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}
