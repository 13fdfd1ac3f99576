import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningBot, startBot } from '../../src/bot/app.ts';
import { createMembership } from '../../src/bot/membership.ts';
import { createRateLimit, ofPerson, ofService } from '../../src/bot/rate-limit.ts';
import { slackClients } from '../../src/bot/slack-clients.ts';
import { encode } from '../../src/bot/views/button-value.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { deployment, deploymentView, policy } from '../support/sample.ts';
import { signed } from '../support/signed-form.ts';
import { until } from '../support/wait-for.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ann = { kind: 'person' as const, team: 'T1', user: 'UANN' };
let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
});
afterEach(() => slack.close());

describe('membership in a user group', () => {
  let clock = 0;
  const membership = () =>
    createMembership({
      client: slackClients({ botToken: 'xoxb-1', apiUrl: slack.url, log }).interactive,
      now: () => clock,
      log,
    });

  it('is asked of Slack, kept for five minutes and no longer', async () => {
    clock = 1_000;
    slack.groups.set('SREL', ['UANN']);
    const { groupsOf } = membership();
    expect(await groupsOf(ann, ['T1/SREL'])).toEqual({ in: ['T1/SREL'], askedAt: 1_000 });
    slack.groups.set('SREL', []);
    clock += 5 * 60_000 - 1;
    expect(await groupsOf(ann, ['T1/SREL'])).toEqual({ in: ['T1/SREL'], askedAt: 1_000 });
    clock += 1;
    expect(await groupsOf(ann, ['T1/SREL'])).toMatchObject({ in: [] });
  });

  it('fails closed: while Slack cannot be asked nobody is in any, and it is asked again next time', async () => {
    slack.groups.set('SREL', ['UANN']);
    slack.fail('usergroups.users.list', { status: 500 }, { error: 'plan_upgrade_required' });
    const { groupsOf } = membership();
    expect(await groupsOf(ann, ['T1/SREL'])).toBe('unknown');
    expect(await groupsOf(ann, ['T1/SREL'])).toBe('unknown');
    expect(await groupsOf(ann, ['T1/SREL'])).toMatchObject({ in: ['T1/SREL'] });
  });

  it('of another workspace’s group is not asked about', async () => {
    expect(await membership().groupsOf(ann, ['T2/SREL'])).toMatchObject({ in: [] });
    expect(slack.of('usergroups.users.list')).toEqual([]);
  });

  it('goes with a mailbox: a person’s, nobody’s, or unknown while Slack cannot be asked', async () => {
    slack.mailboxes.set('ann@example.org', { id: 'UANN', team_id: 'T1' });
    const { mailbox } = membership();
    expect(await mailbox('ann@example.org')).toEqual({ is: 'person', key: 'T1/UANN' });
    expect(await mailbox('eve@example.org')).toEqual({ is: 'nobody' });
    slack.fail('users.lookupByEmail', { error: 'missing_scope' });
    expect(await mailbox('bob@example.org')).toEqual({ is: 'unknown' });
  });
});

describe('a command', () => {
  const secret = 'a signing secret';
  let pipeline: FakePipeline;
  let bot: RunningBot;
  let trigger = 0;
  beforeEach(async () => {
    pipeline = fakePipeline(Date.now);
    const grouped = { ...policy, people: { ...policy.people, approve: ['T1/SREL'] } };
    pipeline.query.policy = (name) => (name === 'hello' ? grouped : undefined);
    bot = await startBot({
      pipeline,
      workspaces: [
        {
          mode: 'http',
          port: 0,
          botToken: 'xoxb-1',
          signingSecret: secret,
          apiUrl: slack.url,
          defaultChannel: 'C1',
        },
      ],
      log,
      now: Date.now,
    });
  });
  afterEach(() => bot.stop());

  const send = async (form: Record<string, string>): Promise<void> => {
    await signed(secret, bot.address?.port, form);
  };
  const line = (text: string, user_id = 'UANN') =>
    send({
      command: '/bake',
      text,
      team_id: 'T1',
      user_id,
      channel_id: 'C1',
      trigger_id: `line-${trigger++}`,
      response_url: slack.responseUrl,
    });
  const approve = (id: string) =>
    send({
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: 'UANN', team_id: 'T1' },
        team: { id: 'T1' },
        channel: { id: 'C1' },
        container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
        trigger_id: `click-${trigger++}`,
        response_url: slack.responseUrl,
        actions: [
          {
            type: 'button',
            action_id: 'approve',
            block_id: 'b',
            value: encode({ service: 'hello', deployment: id, image: 'sha256:i', settings: 'sha256:s' }),
            action_ts: '1.2',
          },
        ],
      }),
    });
  async function told(): Promise<string> {
    await until('an answer', () => slack.responses.length > 0);
    return slack.responses.shift()?.text ?? '';
  }

  it('carries what Slack says of the person at that moment, and where he acted', async () => {
    slack.groups.set('SREL', ['UANN']);
    slack.mailboxes.set('ann@example.org', { id: 'UANN', team_id: 'T1' });
    const waits = deployment('approve');
    pipeline.deployments.set(waits.id, deploymentView({ deployment: waits }));
    await approve(waits.id);
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]?.verified).toMatchObject({
      channel: 'C1',
      card: '1.1',
      groups: { in: ['T1/SREL'] },
      author: { is: 'person', key: 'T1/UANN' },
    });
  });

  it('of a guest leaves its trace, though nothing of it reached the pipeline', async () => {
    const traces: object[] = [];
    pipeline.traced = async (asked, refusal) => {
      traces.push({ ...asked, ...refusal });
      return refusal;
    };
    await line('hello', 'UGUEST');
    expect(await told()).toContain('Guests cannot do this');
    expect(traces).toMatchObject([
      { service: 'hello', by: { user: 'UGUEST' }, verified: { channel: 'C1' }, refused: 'not allowed' },
    ]);
  });

  it.each([
    ['lock hello production "db work" for 3h', { do: 'lock', environment: 'production', reason: 'db work' }],
    ['lock hello because of it', { do: 'lock', reason: 'because of it' }],
    ['unlock hello', { do: 'unlock', service: 'hello' }],
    ['steal hello production she is away', { do: 'steal lock', reason: 'she is away' }],
    ['freeze all "the audit" until 2999-01-01', { do: 'freeze all', service: 'all', reason: 'the audit' }],
    ['freeze hello moving for 2d', { do: 'freeze', service: 'hello', reason: 'moving' }],
    ['unfreeze hello', { do: 'unfreeze' }],
    ['stop all "an incident"', { do: 'stop', service: 'hello', reason: 'an incident' }],
    ['revoke hello v2 bad library', { do: 'revoke', version: 2, reason: 'bad library' }],
    [
      'override hello v2 production the site is down',
      { do: 'override', version: 2, environment: 'production' },
    ],
    ['claim 0123456789abcdef', { do: 'claim', code: '0123456789abcdef' }],
  ])('“/bake %s” asks the pipeline for just that', async (text, order) => {
    await line(text);
    expect(await told()).toContain('It is on its way.');
    expect(pipeline.commands).toMatchObject([order]);
  });

  it('with an end that is no time does nothing and says how to say it', async () => {
    await line('freeze hello moving until whenever');
    expect(await told()).toContain('is no time. Nothing was done.');
    expect(pipeline.commands).toEqual([]);
  });

  it('too many in a minute are refused to that person, and one refusal is kept', async () => {
    const traces: object[] = [];
    pipeline.traced = async (_asked, refusal) => {
      traces.push(refusal);
      return refusal;
    };
    for (let count = 0; count < ofPerson.most + 3; count++) await line('unlock hello');
    await until('all answers', () => slack.responses.length === ofPerson.most + 3);
    expect(
      slack.responses.filter(({ text }) => text.includes(`more than ${ofPerson.most} requests`)).length,
    ).toBe(3);
    expect(traces).toMatchObject([{ refused: 'too many' }]);
    expect(pipeline.commands).toHaveLength(ofPerson.most);
  });
});

describe('the limit on requests', () => {
  it('counts each person and each service by itself, over the last minute', () => {
    let now = 0;
    const limit = createRateLimit(() => now);
    for (let count = 0; count < ofService.most; count++) {
      expect(limit.problem(`person ${count % 30}`, 'hello')).toBeUndefined();
    }
    expect(limit.problem('another', 'hello')?.sentence).toContain(
      `hello was asked more than ${ofService.most} times`,
    );
    expect(limit.problem('another', 'shop')).toBeUndefined();
    now = 60_001;
    expect(limit.problem('another', 'hello')).toBeUndefined();
  });
});
