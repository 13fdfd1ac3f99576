import { describe, expect, test } from 'vitest';
import type { Bot } from '../../src/bot/asked.ts';
import { onLine } from '../../src/bot/line.ts';
import { createRateLimit } from '../../src/bot/rate-limit.ts';
import { plainText } from '../../src/bot/views/plain-text.ts';
import { refuse } from '../../src/pipeline/domain/command.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { serviceView } from '../support/sample.ts';

const world = (): { bot: Bot; pipeline: FakePipeline } => {
  const pipeline = fakePipeline(Date.now);
  const noSlack = new Proxy({}, { get: () => () => Promise.reject(new Error('Slack was asked')) });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  // The command line needs no Slack: whatever is asked of it fails the test.
  const bot = {
    pipeline,
    people: noSlack,
    membership: noSlack,
    limits: createRateLimit(Date.now),
    admins: () => [],
    elsewhere: () => undefined,
    now: Date.now,
    clients: noSlack,
    log,
    wake() {},
  } as unknown as Bot;
  return { bot, pipeline };
};

describe('a line at the terminal', () => {
  test('asks for a release as the operator, and says what can be followed', async () => {
    const { bot, pipeline } = world();
    const answer = await onLine(bot, 'ada', '/bake hello main');
    expect(answer).toEqual({
      text: '👍 hello v3 is being built.',
      refused: false,
      about: { service: 'hello', version: 3 },
    });
    expect(pipeline.orders).toEqual([
      { service: 'hello', ref: 'main', by: { kind: 'operator', account: 'ada' }, verified: {} },
    ]);
  });

  test('is refused in the same words as in Slack', async () => {
    const { bot, pipeline } = world();
    pipeline.services.set('hello', serviceView());
    pipeline.answer = () => refuse('never went live', 'hello v9 never went live in production.');
    const answer = await onLine(bot, 'ada', '/rollback hello v9 production');
    expect(answer).toEqual({ text: '🚫 hello v9 never went live in production.', refused: true });
  });

  test.each(['hello', 'bake hello', '/deploy hello', '', '/bake helo'])(
    '%j is no command: a sentence, and a no',
    async (line) => {
      const { bot, pipeline } = world();
      const answer = await onLine(bot, 'ada', line);
      expect(answer.refused).toBe(true);
      expect(answer.text).toMatch(/\.|\?/);
      expect(pipeline.orders).toEqual([]);
    },
  );
});

test('a drawing becomes lines without marks, with its buttons named', () => {
  const lines = plainText({
    text: 'x',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'hello v3' } },
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: '*Next:* <@U1> presses `Approve` before <!date^1^{time}|09:00 UTC> &amp; <https://a.test|reads>',
        },
      },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Approve' } }],
      },
    ],
  });
  expect(lines).toEqual([
    'hello v3',
    'Next: @U1 presses Approve before 09:00 UTC & reads (https://a.test)',
    'In Slack: [Approve]',
  ]);
});
