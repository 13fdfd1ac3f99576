import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningBot, startBot } from '../../src/bot/app.ts';
import type { Log } from '../../src/bot/log.ts';
import { encode } from '../../src/bot/views/button-value.ts';
import { refuse } from '../../src/pipeline/domain/command.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import {
  deployment,
  deploymentView,
  noon,
  policy,
  release,
  releaseView,
  serviceView,
  serving,
  slot,
  texts,
  wait,
} from '../support/sample.ts';
import { buttonsOf, labels, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';

const secret = 'a signing secret';
let slack: FakeSlack;
let pipeline: FakePipeline;
let bot: RunningBot;
let logged: object[];
let trigger = 0;

beforeEach(async () => {
  slack = await startFakeSlack();
  pipeline = fakePipeline(Date.now);
  logged = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void logged.push(fields) };
  bot = await startBot({
    pipeline,
    slack: { mode: 'http', port: 0, botToken: 'xoxb-1', signingSecret: secret, apiUrl: slack.url },
    defaultChannel: 'C1',
    log,
    now: Date.now,
  });
});
afterEach(async () => {
  await bot.stop();
  await slack.close();
});

interface Sent {
  at?: number;
  signature?: string;
}

async function send(form: Record<string, string>, sent: Sent = {}): Promise<number> {
  const body = new URLSearchParams(form).toString();
  const stamp = String(Math.floor((sent.at ?? Date.now()) / 1000));
  const signature =
    sent.signature ?? `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
  const answer = await fetch(`http://127.0.0.1:${bot.address?.port}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': signature,
    },
  });
  return answer.status;
}

const command = (text: string, over: Record<string, string> = {}): Record<string, string> => ({
  command: '/bake',
  text,
  team_id: 'T1',
  user_id: 'UANN',
  channel_id: 'C1',
  trigger_id: `trigger-${trigger++}`,
  response_url: slack.responseUrl,
  ...over,
});

const click = (id: string, value: string, over: object = {}): Record<string, string> => ({
  payload: JSON.stringify({
    type: 'block_actions',
    user: { id: 'UANN', team_id: 'T1' },
    team: { id: 'T1' },
    channel: { id: 'C1' },
    container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
    trigger_id: `trigger-${trigger++}`,
    response_url: slack.responseUrl,
    actions: [{ type: 'button', action_id: id, block_id: 'b', value, action_ts: '1.2' }],
    ...over,
  }),
});

const submission = (view: object): Record<string, string> => ({
  payload: JSON.stringify({
    type: 'view_submission',
    user: { id: 'UBOB', team_id: 'T1' },
    team: { id: 'T1' },
    trigger_id: `trigger-${trigger++}`,
    view,
  }),
});

/** The sentence that the person got. */
async function told(): Promise<string> {
  await until('an answer', () => slack.responses.length > 0);
  return slack.responses.shift()?.text ?? '';
}

describe('a slash command', () => {
  it('is acknowledged before any work, and answered to the asker only', async () => {
    const sentAt = performance.now();
    expect(await send(command('hello feature/x'))).toBe(200);
    expect(performance.now() - sentAt).toBeLessThan(1000);
    expect(await told()).toBe('👍 hello v3 is being built.');
    expect(pipeline.orders).toEqual([
      {
        service: 'hello',
        ref: 'feature/x',
        by: { kind: 'person', team: 'T1', user: 'UANN' },
        verified: { channel: 'C1' },
      },
    ]);
  });

  it('that is not understood gets a sentence with what was meant', async () => {
    await send(command('helo'));
    expect(await told()).toContain('Did you mean `/bake hello`?');
  });

  it('help shows every word', async () => {
    await send(command('help'));
    await until('the answer', () => slack.responses.length === 1);
    expect(readable(slack.responses[0] ?? {})).toContain('/rollback &lt;service&gt; [version] [environment]');
  });

  it('help counts the rights that are given by channel where it is asked', async () => {
    pipeline.query.policy = () => ({ ...policy, people: { ...policy.people, bake: ['T1/COPS'] } });
    const mine = async (channel_id: string) => {
      await send(command('help hello', { channel_id }));
      await until('the answer', () => slack.responses.length === 1);
      return readable(slack.responses.shift() ?? {}).split('Not yours to do')[0] ?? '';
    };
    expect(await mine('COPS')).toContain('/bake hotfix');
    expect(await mine('C1')).not.toContain('/bake hotfix');
  });

  it.each(['help', 'status', 'history hello'])('“%s” tells a guest and a bot nothing', async (line) => {
    slack.users.set('UGUEST', { team_id: 'T1', is_restricted: true });
    slack.users.set('UROBOT', { team_id: 'T1', is_bot: true });
    for (const user_id of ['UGUEST', 'UROBOT']) {
      await send(command(line, { user_id }));
      expect(await told()).toContain('🚫');
    }
  });

  it('help tells a person apart what is his to do and what is not, and who may', async () => {
    await send(command('help hello'));
    await until('the answer', () => slack.responses.length === 1);
    const [mine, others] = readable(slack.responses[0] ?? {}).split('*Not yours to do:*');
    expect(mine).toContain('/bake retire');
    expect(others ?? '').not.toContain('/bake retire');
    await send(command('help hello', { user_id: 'UBOB' }));
    await until('the answer', () => slack.responses.length === 2);
    const [, notBobs] = readable(slack.responses[1] ?? {}).split('*Not yours to do:*');
    expect(notBobs).toContain('/bake retire &lt;service&gt; [environment]');
    expect(notBobs).toContain('these may: <@UANN>');
  });

  it('help counts what somebody may do through a user group', async () => {
    slack.groups.set('SREL', ['UBOB']);
    const people = { ...policy.people, retire: ['T1/SREL'] };
    Object.assign(pipeline.query, { policy: () => ({ ...policy, people }) });
    await send(command('help hello', { user_id: 'UBOB' }));
    await until('the answer', () => slack.responses.length === 1);
    const [bobs] = readable(slack.responses[0] ?? {}).split('*Not yours to do:*');
    expect(bobs).toContain('/bake retire');
    await send(command('help hello'));
    await until('the answer', () => slack.responses.length === 2);
    const [anns] = readable(slack.responses[1] ?? {}).split('*Not yours to do:*');
    expect(anns).not.toContain('/bake retire');
  });

  it('status tells what is live where', async () => {
    pipeline.services.set('hello', serviceView({ slots: { dev: slot('dev', { live: serving(4) }) } }));
    await send(command('status hello'));
    expect(await told()).toBe('hello: dev v4, staging nothing, production nothing.');
  });

  it('why tells for each thing under way what it waits for, since when, who and what then', async () => {
    const waits = deployment('approve', { wait: wait('approval') });
    const building = release('build', { version: 3 });
    pipeline.services.set('hello', serviceView({ open: { releases: [building], deployments: [waits] } }));
    pipeline.releases.set('hello/3', releaseView({ release: building }));
    pipeline.deployments.set(waits.id, deploymentView({ deployment: waits }));
    await send(command('why hello'));
    await until('the answer', () => slack.responses.length === 1);
    const words = readable(slack.responses[0] ?? {});
    expect(words).toContain('Waits for: 1 more yes for *production*, for 5s');
    expect(words).toContain(
      'Who can move it: <@UBOB> or <@UCYD>, but not whoever asked for it, wrote it or pushed it.',
    );
    expect(words).toContain('it expires. Nothing changes, and it can be asked for again.');
    expect(words).toContain('Waits for: *build* to begin');
  });

  it.each(['approval', 'slot', 'next step', 'soak', 'retire'] as const)(
    'why has a sentence for the wait for %s',
    async (what) => {
      const stage = {
        approval: 'approve',
        slot: 'launch',
        'next step': 'cut-over',
        soak: 'soak',
        retire: 'retire',
      };
      const waits = deployment(stage[what] as 'approve', { wait: wait(what) });
      pipeline.services.set('hello', serviceView({ open: { releases: [], deployments: [waits] } }));
      pipeline.deployments.set(waits.id, deploymentView({ deployment: waits }));
      await send(command('why hello'));
      await until('the answer', () => slack.responses.length === 1);
      expect(readable(slack.responses[0] ?? {})).toMatch(
        /Waits for: .+ for 5s \(since <!date.+\nWho can move it: .+\nAt <!date.+: .+\./,
      );
    },
  );

  it('diff shows the commits between two releases, and says when there is no such release', async () => {
    pipeline.query.changes = async () => ({
      from: 1,
      to: 2,
      commits: { total: 1, lines: [{ sha: 'abcdef1234', subject: 'Say <hello>', author: 'Ann' }] },
    });
    await send(command('diff hello v1 v2'));
    await until('the answer', () => slack.responses.length === 1);
    expect(readable(slack.responses.shift() ?? {})).toContain('• `abcdef1` Say &lt;hello&gt; · Ann');
    pipeline.query.changes = async () => undefined;
    await send(command('diff hello v1 v9'));
    expect(await told()).toContain('There is no hello v1.');
  });

  it('approve shows what there is to decide, however much was typed, and its dialog what a yes is to', async () => {
    const waits = deployment('approve', { wait: wait('approval') });
    pipeline.services.set('hello', serviceView({ open: { releases: [], deployments: [waits] } }));
    const suites = [{ name: 'functional', passed: 42, failed: 0, failures: [], of: 2 }];
    const tested = release('done', { suites });
    pipeline.deployments.set(waits.id, deploymentView({ deployment: waits, release: tested }));
    await send(command('approve hello', { user_id: 'UBOB' }));
    await until('the answer', () => slack.responses.length === 1);
    expect(labels(slack.responses[0] ?? {})).toEqual(['Approve', 'Reject…']);
    expect(readable(slack.responses.shift() ?? {})).toContain('*To decide: v2 for production*');
    await send(command('approve hello v2 production', { user_id: 'UBOB' }));
    await until('the answer', () => slack.responses.length === 1);
    const [approve] = buttonsOf(slack.responses.shift() ?? {});
    expect(JSON.stringify(approve?.confirm)).toContain('42 of 42 tests passed');
    expect(pipeline.commands).toEqual([]);
    await send(command('approve hello v7', { user_id: 'UBOB' }));
    expect(await told()).toContain('Nothing of hello v7 waits for approval.');
  });

  it('pressed on a card that is not kept up to date any more is answered in words', async () => {
    pipeline.keepsCard = false;
    await send(click('cancel-release', encode({ service: 'hello', version: 2 })));
    expect(await told()).toContain('👍 It is on its way.');
  });

  it('reject takes the reason from the line, or asks for it', async () => {
    const waits = deployment('approve', { wait: wait('approval') });
    pipeline.services.set('hello', serviceView({ open: { releases: [], deployments: [waits] } }));
    await send(command('reject hello v2 production not today', { user_id: 'UBOB' }));
    await told();
    expect(pipeline.commands).toMatchObject([{ do: 'reject', reason: 'not today', deployment: waits.id }]);
    await send(command('reject hello production', { user_id: 'UBOB' }));
    await until('the dialog', () => slack.views.length === 1);
    expect(pipeline.commands).toHaveLength(1);
  });

  it.each([
    [
      'reject hello not today',
      'Where? Nothing was rejected. With the environment it is `/bake reject hello v2',
    ],
    ['reject hello', 'Which of hello should be rejected?'],
    ['cancel hello', 'What of hello should be cancelled?'],
    ['reject hello v2 prodction broken', 'Did you mean `production`?'],
    ['lock hello prodction "db work"', 'Did you mean `production`?'],
  ])('“%s” does nothing to production in silence, and asks', async (line, words) => {
    const waits = deployment('approve', { wait: wait('approval') });
    pipeline.services.set('hello', serviceView({ open: { releases: [], deployments: [waits] } }));
    await send(command(line, { user_id: 'UBOB' }));
    expect(await told()).toContain(words);
    expect(pipeline.commands).toEqual([]);
  });

  it('hotfix releases a ref with its reason', async () => {
    await send(command('hotfix hello fix/x the shop is down'));
    await told();
    expect(pipeline.orders).toMatchObject([{ service: 'hello', ref: 'fix/x', hotfix: 'the shop is down' }]);
  });

  it('with a ref that is a version too asks which is meant', async () => {
    pipeline.releases.set('hello/2', releaseView());
    await send(command('hello v2'));
    await until('the question', () => slack.responses.length === 1);
    expect(labels(slack.responses[0] ?? {})).toEqual([
      'New release of the tag or branch v2',
      'Deploy the existing v2',
    ]);
    expect(pipeline.orders).toEqual([]);
    const asTag = buttonsOf(slack.responses.shift() ?? {})[0];
    await send(click('bake-ref', asTag?.value ?? ''));
    expect(await told()).toContain('is being built');
    expect(pipeline.orders[0]?.ref).toBe('v2');
  });

  it.each([
    ['UGUEST', 'Guests cannot do this'],
    ['UGONE', 'deactivated'],
    ['UBOT', 'no orders from bots'],
    ['UALIEN', 'Only people of the workspace'],
    ['UNOBODY', 'Slack could not be asked'],
  ])('of %s is refused with a sentence', async (user_id, why) => {
    await send(command('hello', { user_id }));
    expect(await told()).toContain(why);
    expect(pipeline.orders).toEqual([]);
  });

  it('is refused while Slack cannot be asked who it is', async () => {
    slack.fail('users.info', { status: 500 });
    await send(command('hello'));
    expect(await told()).toContain('Slack could not be asked who you are');
    expect(pipeline.orders).toEqual([]);
  });

  it('asks Slack about a person once in five minutes', async () => {
    await send(command('hello'));
    await told();
    await send(command('hello'));
    await told();
    expect(slack.of('users.info')).toHaveLength(1);
  });

  it('that fails inside gives a sentence with a reference that stands in the log', async () => {
    pipeline.query.service = async () => {
      throw new Error('the ledger is locked');
    };
    await send(command('status hello'));
    const reference = /under `([0-9a-f]{8})`/.exec(await told())?.[1];
    expect(logged).toMatchObject([{ reference, doing: '/bake' }]);
  });

  it('is answered by an ephemeral post when the response url is refused', async () => {
    await send(command('helo', { response_url: `${slack.url}unknown/closed:1` }));
    await send(command('helo', { response_url: 'http://127.0.0.1:1/' }));
    await until('the post', () => slack.ephemerals.length >= 1);
    expect(slack.ephemerals[0]?.user).toBe('UANN');
  });
});

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

describe('a click', () => {
  const waiting = deployment('approve', { wait: wait('approval') });
  const value = encode({
    service: 'hello',
    deployment: waiting.id,
    image: waiting.image.digest,
    settings: waiting.plan.settings.digest,
  });

  it('on Approve carries the exact digest, and its yes shows on the card', async () => {
    await send(click('approve', value));
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({
      do: 'approve',
      image: waiting.image.digest,
      by: { team: 'T1', user: 'UANN' },
    });
    expect(slack.responses).toEqual([]);
  });

  it('that is refused gets the pipeline’s sentence, with people as people', async () => {
    pipeline.answer = () =>
      refuse('not allowed', 'You may not approve hello. These people may: <@UBOB>. <!channel>');
    await send(click('approve', value));
    expect(await told()).toBe('🚫 You may not approve hello. These people may: <@UBOB>. &lt;!channel&gt;');
  });

  it('on Reject asks for a reason and rejects with it', async () => {
    await send(click('reject', value));
    await until('the dialog', () => slack.views.length === 1);
    expect(pipeline.commands).toEqual([]);
    const { private_metadata } = slack.views[0] as { private_metadata: string };
    const state = { values: { reason: { text: { type: 'plain_text_input', value: 'not today' } } } };
    const view = { callback_id: 'reject-reason', private_metadata, state };
    const user = { id: 'UBOB', team_id: 'T1' };
    await send({ payload: JSON.stringify({ type: 'view_submission', user, team: { id: 'T1' }, view }) });
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ do: 'reject', reason: 'not today', by: { user: 'UBOB' } });
  });

  it('on Reject without a card is answered in the dialog, in whatever channel it was asked', async () => {
    pipeline.answer = () => refuse('not allowed', 'You may not approve hello.');
    const private_metadata = JSON.stringify({ service: 'hello', deployment: 'd', channel: 'CELSEWHERE' });
    const state = { values: { reason: { text: { type: 'plain_text_input', value: 'not today' } } } };
    await send(submission({ id: 'V1', callback_id: 'reject-reason', private_metadata, state }));
    await until('the answer', () => slack.of('views.update').length === 1);
    expect(slack.of('views.update')[0]?.args).toMatchObject({
      view_id: 'V1',
      view: expect.stringContaining('You may not approve hello.'),
    });
    expect(slack.ephemerals).toEqual([]);
    expect(pipeline.commands[0]).toMatchObject({ verified: { channel: 'CELSEWHERE' } });
  });

  it('in a dialog acts in the channel where the dialog was opened', async () => {
    await send(command('', { channel_id: 'COPS' }));
    await until('the dialog', () => slack.views.length === 1);
    const { private_metadata, callback_id } = slack.views[0] as Record<string, string>;
    const option = { text: { type: 'plain_text', text: 'hello' }, value: 'hello' };
    const state = { values: { service: { s: { type: 'external_select', selected_option: option } } } };
    await send(submission({ id: 'V1', callback_id, private_metadata, state }));
    await until('the release', () => pipeline.orders.length === 1);
    expect(pipeline.orders[0]).toMatchObject({ service: 'hello', verified: { channel: 'COPS' } });
    const view = { id: 'V2', type: 'modal', private_metadata };
    await send(
      click('approve', value, { channel: undefined, container: { type: 'view', view_id: 'V2' }, view }),
    );
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ do: 'approve', verified: { channel: 'COPS' } });
  });

  it('by a shortcut counts and leaves its trace like every other request', async () => {
    const traces: string[] = [];
    pipeline.traced = async (_asked, answer) => {
      traces.push(answer.sentence);
      return answer;
    };
    const shortcut = () => ({
      payload: JSON.stringify({
        type: 'shortcut',
        callback_id: 'release',
        user: { id: 'UANN', team_id: 'T1' },
        team: { id: 'T1' },
        trigger_id: `trigger-${trigger++}`,
      }),
    });
    await send(shortcut());
    await until('the trace', () => traces.length === 1);
    expect(traces).toEqual(['Was shown: the shortcut release']);
    for (let more = 0; more < 60; more++) await send(shortcut());
    await until('the refusal', () => slack.views.length === 61);
    expect(JSON.stringify(slack.views.at(-1))).toContain('🚫');
  });

  it('on Reject whose dialog does not open is told, and decides nothing', async () => {
    slack.fail('views.open', { error: 'expired_trigger_id' });
    await send(click('reject', value));
    expect(await told()).toContain('press Reject again'.replace('Reject', '*Reject*'));
    expect(pipeline.commands).toEqual([]);
  });

  it.each([
    ['cancel-release', { version: 2 }, { do: 'cancel release', version: 2 }],
    ['cancel-deployment', { deployment: 'd' }, { do: 'cancel deployment', deployment: 'd' }],
    ['retire', { deployment: 'd' }, { do: 'retire', deployment: 'd' }],
    ['retry-release', { version: 2, stage: 'verify' }, { do: 'retry release', stage: 'verify' }],
    ['retry-deployment', { deployment: 'd', stage: 'launch' }, { do: 'retry deployment', stage: 'launch' }],
    ['roll-back', { version: 1, environment: 'dev' }, { do: 'roll back', version: 1, environment: 'dev' }],
    ['deploy', { version: 1, environment: 'dev' }, { do: 'deploy', version: 1, environment: 'dev' }],
  ])('on %s becomes its command', async (id, parts, expected) => {
    await send(click(id, encode({ service: 'hello', ...parts })));
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ ...expected, service: 'hello' });
  });

  it.each([
    ['approve', 'not json'],
    ['approve', encode({ service: 'hello' })],
    ['retry-release', encode({ service: 'hello', version: 1, stage: 'nonsense' })],
    ['a-button-of-last-year', value],
  ])('on %s with a value that says too little gets a sentence', async (id, what) => {
    await send(click(id, what));
    expect(await told()).toContain('This button is out of date');
    expect(pipeline.commands).toEqual([]);
  });

  it('of a guest is refused', async () => {
    await send(click('approve', value, { user: { id: 'UGUEST', team_id: 'T1' } }));
    expect(await told()).toContain('Guests cannot do this');
    expect(pipeline.commands).toEqual([]);
  });

  it('that throws inside the pipeline gets a sentence with a reference', async () => {
    pipeline.answer = () => {
      throw new Error('disk full');
    };
    await send(click('approve', value));
    expect(await told()).toContain('Bakery itself failed at this');
    expect(logged).toMatchObject([{ doing: 'approve' }]);
  });

  it('that comes twice with the same trigger acts once', async () => {
    const form = click('approve', value);
    expect(await send(form, { at: Date.now() - 2000 })).toBe(200);
    expect(await send(form)).toBe(200);
    await until('the command', () => pipeline.commands.length === 1);
    await send(click('retire', encode({ service: 'hello', deployment: 'd' })));
    await until('the next', () => pipeline.commands.length >= 2);
    expect(pipeline.commands.map((one) => one.do)).toEqual(['approve', 'retire']);
  });
});

describe('a request to the endpoint is refused', () => {
  it('when its signature is wrong', async () => {
    expect(await send(command('hello'), { signature: 'v0=00' })).toBe(401);
  });

  it('when it is older than five minutes, or of the future', async () => {
    expect(await send(command('hello'), { at: Date.now() - 301_000 })).toBe(401);
    expect(await send(command('hello'), { at: Date.now() + 120_000 })).toBe(401);
  });

  it('when it is played a second time', async () => {
    const form = command('hello');
    const at = Date.now();
    expect(await send(form, { at })).toBe(200);
    expect(await send(form, { at })).toBe(401);
    await told();
    expect(pipeline.orders).toHaveLength(1);
  });
});
