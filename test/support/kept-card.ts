import type { Message } from '../../src/pipeline/outbox.ts';

/** Where tests press buttons: a card stands there that is kept up to date. */
export const pressedAt = { channel: 'C1', ts: '1.1' };

/** That card, as the outbox finds it. */
export const keptCard = (channel: string, ts: string): Message | undefined =>
  channel === pressedAt.channel && ts === pressedAt.ts
    ? {
        key: 'the card that is pressed',
        channel,
        content: { kind: 'release card', service: 'hello', version: 1 },
        revision: 1,
        posted: pressedAt,
        tries: 0,
        notBefore: 0,
        final: false,
      }
    : undefined;
