import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, openTwins, type Twins, workspaces } from './twins.ts';
import { card, everything, live, toldTo } from './twins-seen.ts';

let twins: Twins;
const { ann, bob } = people;
afterEach(() => twins.close());

describe.each(['http', 'socket'] as const)('two workspaces over %s', (mode) => {
  beforeEach(async () => {
    twins = await openTwins(mode);
    await until('readiness', () => twins.bot.state().ready, 10_000);
  });

  it('the same journey in both at once: each card where it belongs, by its own token', async () => {
    const { acme, partner } = twins;
    await Promise.all([live(twins, acme, 'hello'), live(twins, partner, 'billing')]);
    for (const [slack, its, other, name] of [
      [acme, 'hello', 'billing', 'bob-of-acme'],
      [partner, 'billing', 'hello', 'bob-of-partner'],
    ] as const) {
      await until('the thread', () => everything(slack).includes(`*${its} v1* is live`), 8_000);
      expect(everything(slack)).not.toContain(other);
      expect(slack.messages(channel).filter((one) => one.subtype === undefined)).toHaveLength(1);
      expect(everything(slack)).toContain(name);
      expect(slack.calls.filter(({ error }) => error === 'invalid_auth')).toEqual([]);
    }
    expect(twins.bot.states()).toEqual([
      { workspace: 'acme', state: { ready: true } },
      { workspace: 'partner', state: { ready: true } },
    ]);
  });

  it('a service is asked about and acted on in its own workspace alone, and said to live there', async () => {
    const { acme, partner } = twins;
    for (const [slash, text] of [
      ['/bake', 'hello two'],
      ['/bake', 'status hello'],
      ['/rollback', 'hello'],
      ['/bake', 'log hello v1 build'],
    ] as const) {
      const before = partner.ephemerals(ann).length;
      await partner.as(ann).command(slash, text, '#releases');
      await until('an answer', () => partner.ephemerals(ann).length > before);
      expect(readable(partner.ephemerals(ann).at(-1) ?? {})).toContain(
        'hello belongs to the Slack workspace acme, and only people there act on it. Nothing was done',
      );
    }
    expect(twins.world.releases()).toEqual([]);
    await partner.as(ann).command('/bake', 'status', '#releases');
    await toldTo(partner, ann, 'billing');
    await partner.as(ann).command('/bake', '', '#releases');
    await until('the dialog', () => partner.modals(ann).length === 1);
    const offered = await partner
      .as(ann)
      .suggest({ id: partner.modals(ann)[0]?.id ?? '' }, 'suggest-service', '');
    expect(JSON.stringify(offered)).toContain('billing');
    expect(JSON.stringify(offered)).not.toContain('hello');
    await Promise.all([acme.as(ann).openHome(), partner.as(ann).openHome()]);
    await until('both Homes', () => acme.home(ann) !== undefined && partner.home(ann) !== undefined, 8_000);
    expect(readable({ blocks: partner.home(ann)?.blocks ?? [] })).toContain('billing');
    expect(readable({ blocks: partner.home(ann)?.blocks ?? [] })).not.toContain('hello');
    expect(readable({ blocks: acme.home(ann)?.blocks ?? [] })).not.toContain('billing');
  });

  it('the same user id in another workspace is somebody else, without any right', async () => {
    const { acme, partner } = twins;
    await Promise.all([
      acme.as(ann).command('/bake', 'hello one', '#releases'),
      partner.as(ann).command('/bake', 'billing one', '#releases'),
    ]);
    const theirs = await card(twins, acme, 'hello v1 · waits for approval');
    const mine = await card(twins, partner, 'billing v1 · waits for approval');
    expect(buttonsOf(theirs).some(({ action_id }) => action_id === 'approve')).toBe(true);
    // What stood on the card in acme, pressed in partner by the id that may approve there.
    await partner.as(bob).click(mine, { actionId: 'approve' }, { stale: true, blocks: theirs.blocks ?? [] });
    await toldTo(partner, bob, 'hello belongs to the Slack workspace acme');
    expect(twins.world.deployment('hello.production.1').approvals).toEqual([]);
    expect(twins.world.deployment('billing.production.1').approvals).toEqual([]);
    await acme.as(bob).click(theirs, { actionId: 'approve' });
    await card(twins, acme, 'hello v1 · live in production');
    expect(twins.world.deployment('hello.production.1').approvals).toMatchObject([
      { by: { team: workspaces.acme.team, user: bob } },
    ]);
  });

  it('one whose token was taken back stops nothing in the other, and is shown when it is given again', async () => {
    const { acme, partner } = twins;
    partner.revoke(true);
    await partner.as(ann).command('/bake', 'billing one', '#releases');
    // Nobody can be looked up there: nothing is done for him, and he is told.
    await toldTo(partner, ann, 'Slack could not be asked who you are');
    await twins.world.do({
      do: 'request release',
      service: 'billing',
      commit: { sha: 'b'.repeat(40), ref: 'main', subject: 'Theirs', author: 'Ada', email: '' },
      by: { kind: 'webhook', source: 'generic', delivery: 'd1' },
    });
    await live(twins, acme, 'hello');
    await until('its being noticed', () => twins.bot.states()[1]?.state.ready === false, 8_000);
    expect(twins.bot.states()).toMatchObject([
      { workspace: 'acme', state: { ready: true } },
      { workspace: 'partner', state: { ready: false, reason: 'Slack says token_revoked' } },
    ]);
    expect(partner.messages(channel)).toEqual([]);
    partner.revoke(false);
    // A token that was refused is tried again after a quarter of a minute.
    await card(twins, partner, 'billing v1 · waits for approval', 30_000);
    await until('both', () => twins.bot.states().every(({ state }) => state.ready), 8_000);
  }, 60_000);
});
