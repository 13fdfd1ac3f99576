import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { At, Millis } from '../pipeline/domain/time.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether two texts are the same, in a time that tells nothing about either. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const hmac = (secret: string, ...parts: (string | Buffer)[]): string => {
  const sum = createHmac('sha256', secret);
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
};

/** GitHub's `X-Hub-Signature-256`: `sha256=` and the HMAC of the raw body. */
export const githubSigned = (secret: string, body: Buffer, header: string): boolean =>
  sameText(header.toLowerCase(), `sha256=${hmac(secret, body)}`);

/** How far a generic push's time may be from ours. */
export const signedWithin: Millis = 5 * 60_000;

/**
 * Bakery's own `X-Bakery-Signature`: `t=<unix seconds>,v1=<HMAC of "t.body">`, not older or newer than five
 * minutes. Returns the signature's hexadecimal text, which names this delivery; undefined when it does not hold.
 */
export function bakerySigned(secret: string, body: Buffer, header: string, now: At): string | undefined {
  const [, seconds, given] = /^t=(\d{1,12}),\s*v1=([0-9a-f]{64})$/i.exec(header) ?? [];
  if (seconds === undefined || given === undefined) return undefined;
  const right = hmac(secret, `${seconds}.`, body);
  const inTime = Math.abs(now - Number(seconds) * 1000) <= signedWithin;
  return sameText(given.toLowerCase(), right) && inTime ? right : undefined;
}

/** The header of a body that is signed now, as {@link bakerySigned} takes it. */
export function bakerySignature(secret: string, body: Buffer | string, now: At): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${hmac(secret, `${seconds}.`, body)}`;
}
