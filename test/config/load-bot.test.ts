import { describe, expect, it } from 'vitest';
import { good, goodBot, load, withBot } from './installation.ts';

describe('the configuration', () => {
  it('has builds in containers only on a provider of kind docker, in images that are named', async () => {
    const builds = (text: string) => goodBot.replace('providers:', `worker: { builds: ${text} }\nproviders:`);
    expect(await withBot(builds('{ provider: machine, images: ["node:*"] }'))).toEqual([
      expect.stringContaining('`machine` is of kind local'),
    ]);
    expect(await withBot(builds('{ provider: nowhere, images: ["node:*"] }'))).toEqual([
      expect.stringContaining('no provider `nowhere`'),
    ]);
    expect(await withBot(builds('{ provider: machine, images: [] }'))).toEqual([
      expect.stringContaining('allows no image'),
    ]);
  });

  it('gives every service the prices of bot.yaml, and refuses one of a provider that there is not', async () => {
    const prices = (provider: string) =>
      `${goodBot}\nprices: { currency: EUR, instanceHour: { ${provider}: 0.02 } }\n`;
    const { config } = await load({ ...good, 'bot.yaml': prices('machine') });
    expect(config.policies.get('hello')?.prices).toEqual({
      currency: 'EUR',
      instanceHour: { machine: 0.02 },
    });
    expect((await withBot(prices('machnie'))).join()).toContain('names a provider machnie that there is not');
  });

  it('takes a queue with a password from a variable only, and never shows it', async () => {
    const bot = `${goodBot}queue: { env: QUEUE }\n`;
    const { config } = await load({ ...good, 'bot.yaml': bot }, { QUEUE: 'redis://:pw1@h:1/0' });
    expect(config.queue.kind).toBe('redis');
    expect(config.queue.url.reveal()).toBe('redis://:pw1@h:1/0');
    expect(JSON.stringify(config)).not.toContain('pw1');
    expect(await withBot(bot)).toEqual([
      "bot.yaml:8: The variable QUEUE is not set where this runs; set it to the queue's URL.",
    ]);
    expect(await withBot(bot, { QUEUE: 'amqp://x' })).toHaveLength(1);
    const [literal] = await withBot(`${goodBot}queue: redis://:pw1@h:1/0\n`);
    expect(literal).toBe(
      'bot.yaml:8: `queue` holds a password: write { env: NAME } and keep the URL in that variable.',
    );
    expect((await withBot(`${goodBot}queue: amqp://x\n`))[0]).toContain(
      '`queue` must be `embedded`, redis://',
    );
    expect((await withBot(`${goodBot}queue: 7\n`))[0]).toContain('`queue` must be `embedded`, redis://');
    expect(
      (await load({ ...good, 'bot.yaml': `${goodBot}queue: postgres://u@h/db\n` })).config.queue.kind,
    ).toBe('postgres');
  });

  it('names the kinds of providers and balancers when one is unknown', async () => {
    expect(await withBot(goodBot.replace('kind: local', 'kind: locl'))).toEqual([
      'bot.yaml:5: `providers.machine.kind` must be one of `local`, `docker`, `openstack`, `aws`; did you mean `local`?',
    ]);
    expect((await withBot(goodBot.replace('kind: embedded, ', '')))[0]).toContain(
      '`balancers.front.kind` must be one of `embedded`',
    );
  });

  it('asks for what the mode of Slack needs', async () => {
    expect(await withBot(goodBot.replace(', signingSecret: env:SIGN', ''))).toEqual([
      "bot.yaml:3: `slack.mode` `http` needs `signingSecret`: add a reference to the app's signing secret.",
    ]);
    expect((await withBot(goodBot.replace('mode: http', 'mode: socket')))[0]).toContain('needs `appToken`');
  });

  it('tells operators in the default channel unless another is named', async () => {
    const named = goodBot.replace('defaultChannel: C001', 'defaultChannel: C001, adminChannel: C002');
    expect((await load(good)).config.slack[0].adminChannel).toBe('C001');
    expect((await load({ ...good, 'bot.yaml': named })).config.slack[0].adminChannel).toBe('C002');
  });
});
