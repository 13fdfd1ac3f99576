import { beforeEach, describe, expect, it } from 'vitest';
import { noon, release, serviceView, serving, slot, texts } from '../support/sample.ts';
import { buttonsOf, labels, readable } from '../support/slack-limits.ts';
import { click, command, openedForEach, pipeline, send, slack, told } from '../support/small-bot.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

describe('/rollback', () => {
  const retired = { production: { standing: 'retired' as const, since: noon } };
  beforeEach(() => {
    pipeline.services.set(
      'hello',
      serviceView({
        service: { service: 'hello', nextVersion: 4, open: [], newest: {} },
        slots: {
          production: slot('production', { live: serving(3), beside: serving(2) }),
          staging: slot('staging', { live: serving(3) }),
        },
      }),
    );
    const live = { standing: 'live' as const, since: noon };
    pipeline.past = {
      deployments: [],
      texts,
      now: noon,
      releases: [
        release('done', { version: 3, standings: { production: live, staging: live } }),
        release('done', { version: 2, standings: { production: { standing: 'previous', since: noon } } }),
        release('done', {
          version: 1,
          standings: { ...retired, staging: { standing: 'retired', since: noon } },
        }),
      ],
    };
  });
  const rollback = (text: string) => send(command(text, { command: '/rollback' }));

  it('without a version lists what can be gone back to, newest first, by environment', async () => {
    await rollback('hello');
    await until('the list', () => slack.responses.length === 1);
    expect(labels(slack.responses[0] ?? {})).toEqual([
      'Roll back production to v2',
      'Roll back staging to v1',
      'Roll back production to v1',
    ]);
    expect(readable(slack.responses[0] ?? {})).toContain('warm, it still runs: seconds');
    expect(readable(slack.responses[0] ?? {})).toContain('cold, it is started from its image: minutes');
    expect(readable(slack.responses[0] ?? {})).toContain('v3 is live in staging, production');
  });

  it('without an environment names the only one in a confirm, and goes when it is pressed', async () => {
    await rollback('hello v2');
    await until('the confirm', () => slack.responses.length === 1);
    const message = slack.responses.shift() ?? {};
    expect(readable(message)).toContain('*hello* goes back to *v2* in *production*');
    expect(pipeline.commands).toEqual([]);
    const container = { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: true };
    await send(click('roll-back', buttonsOf(message)[0]?.value ?? '', { container }));
    await until('the answer', () => slack.responses.length === 1);
    expect(slack.responses[0]).toMatchObject({ text: '👍 It is on its way.', replace_original: true });
    expect(pipeline.commands).toMatchObject([
      { do: 'roll back', service: 'hello', version: 2, environment: 'production' },
    ]);
  });

  it('never takes production by itself when there are several environments', async () => {
    await rollback('hello v1');
    await until('the question', () => slack.responses.length === 1);
    expect(labels(slack.responses[0] ?? {})).toEqual([
      'Roll back staging to v1',
      'Roll back production to v1',
    ]);
    expect(pipeline.commands).toEqual([]);
  });

  it.each([
    ['hello v3', 'is live in staging, production already. You can go back to v2, v1.'],
    ['hello v9', 'There is no hello v9. Did you mean `v2`?'],
  ])('/rollback %s says why not and what instead', async (text, why) => {
    pipeline.query.versions = async () => [3, 2, 1];
    await rollback(text);
    expect(await told()).toContain(why);
  });

  it('with all three goes at once', async () => {
    await rollback('hello v1 production');
    expect(await told()).toContain('It is on its way.');
    expect(pipeline.commands).toMatchObject([{ do: 'roll back', version: 1, environment: 'production' }]);
  });
});
