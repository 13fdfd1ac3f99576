import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { At } from '../pipeline/domain/time.ts';
import { genericPush, githubPush, gitlabPush, type Push } from './push.ts';
import { bakerySigned, githubSigned, sameText } from './signature.ts';

export type SourceName = 'github' | 'gitlab' | 'generic';

/** A request whose sender is proved. */
export interface Verified {
  /** Names this delivery, so that a redelivery is known. */
  delivery: string;
  /** What it tells of, when that is no push. */
  event: string | undefined;
}

/** One that tells Bakery of pushes. */
export interface Source {
  name: SourceName;
  /** Undefined when the sender cannot prove that it has the secret. */
  verify(request: {
    headers: IncomingHttpHeaders;
    body: Buffer;
    secret: string;
    now: At;
  }): Verified | undefined;
  push(payload: unknown): Push | undefined;
  /** A second delivery is refused instead of being told that it was done. */
  refusesReplays: boolean;
}

const header = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value.slice(0, 500) : '';
};

/** A digest of what a delivery says. Its own id stands in a header that nobody has signed, so a replay could change it. */
const deliveryOf = (body: Buffer): string => `body-${createHash('sha256').update(body).digest('hex')}`;

const github: Source = {
  name: 'github',
  refusesReplays: false,
  push: githubPush,
  verify({ headers, body, secret }) {
    if (!githubSigned(secret, body, header(headers, 'x-hub-signature-256'))) return undefined;
    const event = header(headers, 'x-github-event');
    return {
      delivery: deliveryOf(body),
      event: event === 'push' ? undefined : event || 'nothing',
    };
  },
};

const gitlab: Source = {
  name: 'gitlab',
  refusesReplays: false,
  push: gitlabPush,
  verify({ headers, body, secret }) {
    if (!sameText(header(headers, 'x-gitlab-token'), secret)) return undefined;
    const event = header(headers, 'x-gitlab-event');
    return {
      delivery: deliveryOf(body),
      event: event === 'Push Hook' ? undefined : event || 'nothing',
    };
  },
};

const generic: Source = {
  name: 'generic',
  refusesReplays: true,
  push: genericPush,
  verify({ headers, body, secret, now }) {
    const delivery = bakerySigned(secret, body, header(headers, 'x-bakery-signature'), now);
    return delivery === undefined ? undefined : { delivery, event: undefined };
  },
};

/** Which path belongs to whom. */
export const sources: Record<string, Source> = {
  '/webhooks/github': github,
  '/webhooks/gitlab': gitlab,
  '/webhooks/push': generic,
};
