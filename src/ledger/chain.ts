import { hash } from 'node:crypto';

/** The stored bytes of an event that its hash is over, in this order. */
export interface Link {
  stream: string;
  version: number;
  type: string;
  shape: number;
  body: string;
  actor: string;
  at: number;
}

/** What the first event chains to. */
export const firstHash = '0'.repeat(64);

/** The hash of an event: over the one before it and its own stored bytes. */
export function linkHash(previous: string, link: Link): string {
  const fields = [previous, link.stream, link.version, link.type, link.shape, link.body, link.actor, link.at];
  return hash('sha256', JSON.stringify(fields));
}
