import { describe, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import {
  deployment,
  deploymentView,
  policy,
  release,
  releaseView,
  serviceView,
  serving,
  slot,
  wait,
} from '../support/sample.ts';
import { buttonsOf, labels, readable } from '../support/slack-limits.ts';
import { click, command, logged, openedForEach, pipeline, send, slack, told } from '../support/small-bot.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

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
