import { afterEach, describe, expect, it } from 'vitest';
import { vocabulary } from '../../src/bot/commands/index.ts';
import { shortcutIds } from '../../src/bot/shortcuts.ts';
import { buttonIds } from '../../src/bot/views/button.ts';
import { formIds } from '../../src/bot/views/forms.ts';
import type { Message } from '../../src/slack-simulator/types.ts';
import { failed } from '../support/core-world.ts';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { type Mode, openTown, people, type Town } from './town.ts';
import { button, cardOf, seen, threadSays, Walker, walked } from './walker.ts';

let town: Town;
let ann: Walker;
let bob: Walker;
let cyd: Walker;
let eve: Walker;
let gus: Walker;

async function open(mode: Mode): Promise<void> {
  town = await openTown(mode);
  await until('readiness', () => town.bot.state().ready);
  [ann, bob, cyd, eve, gus] = (['ann', 'bob', 'cyd', 'eve', 'gus'] as const).map(
    (name) => new Walker(town, name),
  ) as [Walker, Walker, Walker, Walker, Walker];
}

/** A release of ann's that is live in production, approved by bob. */
async function live(version: number, ref: string): Promise<void> {
  await ann.says(`/bake hello ${ref}`);
  await ann.told();
  const card = await seen(town, `hello v${version} · waits for approval`);
  await bob.presses(await button(town, card, 'approve'), 'approve');
  await seen(town, `hello v${version} · live in production`);
}

/** What people do, over one way to Slack. */
export const journeys = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('a release goes from the dialog to live, with one card and the story in its thread', async () => {
      await open(mode);
      await ann.says('/bake');
      const dialog = await ann.dialog('Release a service');
      const offered = await ann.hands.suggest({ id: dialog.id }, 'suggest-service', 'he');
      expect(JSON.stringify(offered)).toContain('hello');
      walked.add('form release-form');
      await ann.hands.submit({ id: dialog.id }, { text: 'one' });
      await ann.dialogSays('hello v1 is on its way');
      const card = await seen(town, 'hello v1 · waits for approval for production');
      expect(readable(card)).toContain('*To decide: v1 for production* (nothing is live there yet)');
      expect(readable(card)).toContain(`<@${people.bob}>`);
      expect(readable(card)).toContain('asked for by ann');
      expect(card.text).toContain('waits for approval');

      await ann.presses(card, 'approve');
      expect(await ann.told()).toContain('You may not approve hello');
      await eve.presses(card, 'approve');
      expect(await eve.told()).toContain('These people may');
      await gus.presses(card, 'approve');
      expect(await gus.told()).toContain('Guests cannot do this');
      await bob.presses(card, 'approve');
      await button(town, card, 'approve', false);
      await cyd.pressesOld(card, 'approve');
      expect(await cyd.told()).toMatch(
        new RegExp(`Approved already by <@${people.bob}> \\((just now|\\d+ s ago)\\)`),
      );

      const done = await seen(town, 'hello v1 · live in production');
      expect(done.ts).toBe(card.ts);
      expect(readable(done)).toMatch(/approved by bob <!date/);
      expect(town.slack.messages('#hello').filter((one) => one.subtype === undefined)).toHaveLength(1);
      await threadSays(town, done, 'bob approved *hello v1*');
      await threadSays(town, done, '*hello v1* is live in *production*');
      await threadSays(town, done, 'tests passed');
    });

    it('the next one says what changes, runs beside the old one, and the old one is retired or gone back to', async () => {
      await open(mode);
      await live(1, 'one');
      await ann.says('/bake hello two');
      await ann.told();
      const card = await seen(town, 'hello v2 · waits for approval');
      expect(readable(card)).toContain('*1 commit since v1*');
      await threadSays(town, card, 'changes 1 commit against v1, which is live');
      await bob.presses(card, 'approve');
      const beside = await button(town, await seen(town, 'hello v2 · live in production'), 'retire');
      expect(readable(beside)).toContain('v1 still runs, so going back takes seconds');
      await eve.presses(beside, 'retire');
      expect(await eve.told()).toContain('You may not retire');
      expect(await ann.asks('/bake why hello')).toContain('somebody to press *Retire old*');
      expect(await ann.asks('/bake status hello')).toContain('v1 still runs beside it');
      expect(await ann.asks('/bake history hello')).toContain('production: previous');
      expect(await ann.asks('/bake log hello v2 build')).toContain('line two');
      expect(await ann.asks('/bake diff hello v1 v2')).toContain('*1 commit* by Ada');
      await ann.presses(beside, 'retire');
      const alone = await button(town, beside, 'retire', false);
      await seen(town, 'hello v2 · live in production');
      await until(
        'the cold way back',
        () => readable(cardOf(town, 'hello v2 · live') ?? {}).includes('would start v1 from its own image'),
        12_000,
      );
      await bob.pressesText(
        await button(town, alone, 'roll-back'),
        'Roll back production to v1',
        'roll-back',
      );
      const back = await seen(town, 'Rollback to hello v1 · live in production');
      expect(readable(back)).toContain('|card of the release>');
      await threadSays(town, back, 'bob rolls *production* back to *hello v1*');
    });

    it('a rejection needs a reason, by button and by word, and shows it', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'reject');
      const dialog = await bob.dialog('Reject the deployment');
      const empty = await bob.hands.submit({ id: dialog.id }, {});
      expect(Object.keys(empty.errors ?? {})).toEqual(['reason']);
      await bob.hands.submit({ id: dialog.id }, { text: 'the migration has to go first' });
      const over = await seen(town, 'hello v1 · rejected for production');
      expect(readable(over)).toContain('the migration has to go first');
      await ann.says('/bake hello two');
      await ann.told();
      await seen(town, 'hello v2 · waits for approval');
      expect(await cyd.asks('/bake approve hello')).toContain('*To decide: v2 for production*');
      expect(await eve.asks('/bake reject hello production no')).toContain('You may not');
      expect(await cyd.asks('/bake reject hello v2 not on a friday')).toContain('Where?');
      expect(await cyd.asks('/bake reject hello v2 production not on a friday')).toContain('You rejected v2');
      await seen(town, 'hello v2 · rejected for production');
      expect(await cyd.asks('/bake approve hello v2 production')).toContain(
        'Nothing of hello v2 waits for approval',
      );
      expect(await ann.asks('/bake why hello')).toContain('Nothing of hello is under way');
    });

    it('fifty clicks at once make one decision, and everybody is told', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      const clicks = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? bob : cyd).pressesOld(card, 'approve'),
      );
      await Promise.all(clicks);
      await seen(town, 'hello v1 · live in production');
      const approvals = town.world.file.sqlite
        .prepare("SELECT count(*) AS many FROM events WHERE type = 'DeploymentApproved'")
        .get();
      expect(approvals).toEqual({ many: 1 });
      const answersOf = () => [people.bob, people.cyd].flatMap((one) => town.slack.ephemerals(one));
      await until('49 answers', () => answersOf().length === 49, 8_000);
      expect(answersOf().every(({ text }) => /already/.test(text))).toBe(true);
    });

    it('locks, freezes and overrides are said in a word each, and told to whom they concern', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      expect(await eve.asks('/bake lock hello production mine')).toContain('You may not lock');
      expect(await ann.asks('/bake lock hello production "db work" for 1h')).toContain('hello is locked');
      await bob.presses(card, 'approve');
      expect(await bob.told()).toContain('db work');
      expect(await bob.asks('/bake unlock hello production')).toContain('Only its holder');
      expect(await bob.asks('/bake steal hello production she is away')).toContain('is yours now');
      expect(await bob.asks('/bake unlock hello production')).toContain('is unlocked');
      expect(await ann.asks('/bake freeze hello "the audit" for 1h')).toContain('hello is frozen');
      expect(await bob.asks('/bake override hello v1 production "the shop is down"')).toContain(
        'by override',
      );
      await seen(town, 'hello v1 · live in production');
      expect(await ann.asks('/bake unfreeze hello')).toContain('is over');
      expect(await ann.asks('/bake overrides hello')).toContain('the shop is down');
      expect(await ann.asks('/bake who hello')).toContain('by override of');
      expect(await ann.asks('/bake stop hello an incident')).toContain('Nothing of hello is under way');
      expect(await ann.asks('/bake revoke hello v1 bad library')).toContain('It still runs: v1 in');
      expect(await eve.asks('/bake claim 0123')).toContain('not the code');
      await ann.pressesOld({ ...card, blocks: buttonsFor('give-way-replace', card) }, 'give-way-replace');
      expect(await ann.told()).toContain('not known any more');
    });

    it('a newer one that comes to wait offers replace, queue and keep both, to whoever may', async () => {
      await open(mode);
      const comesToWait = async (version: number): Promise<Message> => {
        expect(await ann.asks(`/bake picky change-${version}`, '#picky')).toContain('is on its way');
        return seen(town, `picky v${version} · waits for approval`, '#picky');
      };
      const first = await comesToWait(1);
      const second = await button(town, await comesToWait(2), 'give-way-queue');
      await eve.presses(second, 'give-way-queue');
      expect(await eve.told()).toContain('You may not');
      await ann.presses(second, 'give-way-queue');
      await button(town, second, 'approve', false);
      expect(await ann.asks('/bake why picky', '#picky')).toContain(
        'the older one that waits in *production*',
      );
      await bob.presses(first, 'approve');
      await seen(town, 'picky v1 · live in production', '#picky');
      await button(town, second, 'approve');
      const third = await button(town, await comesToWait(3), 'give-way-keep');
      await ann.presses(third, 'give-way-keep');
      await button(town, third, 'give-way-keep', false);
      await button(town, second, 'approve');
      const fourth = await button(town, await comesToWait(4), 'give-way-replace');
      await ann.presses(fourth, 'give-way-replace');
      await seen(town, 'picky v2 · overtaken in production', '#picky');
      await seen(town, 'picky v3 · overtaken in production', '#picky');
      await bob.presses(fourth, 'approve');
      await seen(town, 'picky v4 · live in production', '#picky');
    }, 60_000);

    it('what is delivered twice is done once', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await town.slack.deliverAgain();
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'approve');
      await town.slack.deliverAgain();
      await seen(town, 'hello v1 · live in production');
      expect(town.slack.ephemerals(people.ann)).toHaveLength(1);
      expect(town.slack.ephemerals(people.bob)).toHaveLength(0);
      expect(await ann.asks('/bake history hello')).not.toContain('v2');
    });

    it('what fails says why on the card and in the channel, and is tried again or cancelled', async () => {
      await open(mode);
      town.world.say = ({ kind }) =>
        kind === 'build' ? failed('command failed', 'The command npm test ended with 1.') : undefined;
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · failed in build');
      expect(readable(card)).toContain('The command npm test ended with 1.');
      await until(
        'the broadcast',
        () =>
          town.slack
            .messages('#hello')
            .some((one) => one.subtype === 'thread_broadcast' && one.text.includes('failed')),
        8_000,
      );
      town.world.say = ({ kind }) => (kind === 'bake' ? 'hang' : undefined);
      await ann.presses(await button(town, card, 'retry-release'), 'retry-release');
      const again = await button(town, card, 'cancel-release');
      await ann.presses(again, 'cancel-release');
      await seen(town, 'hello v1 · cancelled');
      await ann.pressesOld(again, 'cancel-release');
      expect(await ann.told()).toContain('there is nothing to cancel');
    });

    it('a deployment that fails is tried again from its card, and one that waits is cancelled', async () => {
      await open(mode);
      town.world.say = ({ kind, effect }) =>
        kind === 'launch' && effect.includes('production')
          ? failed('unhealthy', 'It never answered.')
          : undefined;
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'approve');
      const broken = await button(
        town,
        await seen(town, 'hello v1 · failed in production'),
        'retry-deployment',
      );
      town.world.say = () => undefined;
      await ann.presses(broken, 'retry-deployment');
      await seen(town, 'hello v1 · live in production');
      await ann.says('/bake hello two');
      await ann.told();
      const second = await button(
        town,
        await seen(town, 'hello v2 · waits for approval'),
        'cancel-deployment',
      );
      await ann.presses(second, 'cancel-deployment');
      await seen(town, 'hello v2 · cancelled for production');
      expect(await ann.asks('/bake cancel hello')).toContain('There is nothing of hello to cancel');
      await bob.pressesOld(second, 'approve');
      expect(await bob.told()).toContain(`Cancelled already by <@${people.ann}>`);
      await button(town, second, 'cancel-deployment', false);
    });

    it('what nobody approves in time expires, and a hotfix overtakes what waits', async () => {
      await open(mode);
      await ann.says('/bake hasty one', '#hasty');
      await ann.told();
      const late = await seen(town, 'hasty v1 · not approved in time for production', '#hasty');
      await bob.pressesOld({ ...late, blocks: buttonsFor('approve', late) }, 'approve');
      expect(await bob.told()).toMatch(/There is nothing to decide|out of date/);
      await ann.says('/bake hello one');
      await ann.told();
      const waits = await seen(town, 'hello v1 · waits for approval');
      await ann.says('/bake hotfix hello fix/x the shop is down');
      expect(await ann.told()).toContain('hello v2 is on its way');
      await seen(town, 'hello v1 · overtaken in production by v2');
      const fix = await seen(town, 'hello v2 · waits for approval');
      expect(readable(fix)).toContain('*Hotfix:* the shop is down');
      await bob.pressesOld(waits, 'approve');
      expect(await bob.told()).toContain('Overtaken by v2');
      expect(await ann.asks('/bake hotfix hello main')).toContain('The reason is missing');
    });

    it('going back lists what can be gone back to and what cannot, and never takes production by itself', async () => {
      await open(mode);
      await live(1, 'one');
      await live(2, 'two');
      await ann.says('/rollback hello');
      const list = await ann.toldMessage();
      expect(readable(list)).toContain('*v1* in *production*');
      expect(readable(list)).toMatch(/warm, it still runs: seconds · released .+ ago · was live for/);
      expect(readable(list)).toContain('v2 is live in dev, production');
      expect(await eve.asks('/rollback hello v1 production')).toContain('You may not roll back hello');
      await ann.says('/rollback hello v1');
      const confirm = await ann.toldMessage();
      expect(buttonsOf(confirm).map(({ text }) => text.text)).toEqual([
        'Roll back dev to v1',
        'Roll back production to v1',
      ]);
      expect(await ann.asks('/rollback hello v9')).toContain('There is no hello v9. Did you mean `v1`?');
      await ann.hands.shortcut('roll-back');
      walked.add('shortcut roll-back');
      const dialog = await ann.dialog('Roll back');
      await ann.hands.choose({ id: dialog.id }, 'suggest-service', 'hello');
      const [production, second] = await ann.hands.suggest(
        { id: dialog.id },
        'suggest-version',
        'production',
      );
      expect(second).toBeUndefined();
      walked.add('form roll-back-form');
      await ann.hands.choose({ id: dialog.id }, 'suggest-version', plain(production?.text));
      await ann.hands.submit({ id: dialog.id }, { reason: { text: 'v2 is slow' } });
      await ann.dialogSays('Going back to hello v1 in production');
      const back = await seen(town, 'Rollback to hello v1 · live in production');
      await threadSays(town, back, 'Reason: v2 is slow');
      expect(await ann.asks('/bake deploy hello v2 production')).toContain('is in quarantine');
      expect(await ann.asks('/bake rollback hello v1 production')).toContain('is live in production already');
    });

    it('words that are nearly right, and words that are not theirs, get a sentence', async () => {
      await open(mode);
      expect(await ann.asks('/bake helo')).toContain('Did you mean `/bake hello`?');
      expect(await ann.asks('/bake staus')).toContain('Did you mean `/bake status`?');
      expect(await ann.asks('/bake status hastyy')).toContain('Did you mean `hasty`?');
      expect(await ann.asks('/bake deploy hello v1')).toContain(
        'Where to? Its environments are `dev`, `production`',
      );
      expect(await ann.asks('/bake hello nowhere')).toContain('has no branch, tag or commit');
      expect(await eve.asks('/bake hello one')).toContain('You may not release hello');
      expect(await gus.asks('/bake hello one')).toContain('Guests cannot do this');
      const mine = await ann.asks('/bake help hello');
      expect(mine).toContain('/bake hotfix');
      const [, notHers = ''] = (await eve.asks('/bake help hello')).split('*Not yours to do:*');
      expect(notHers).toContain('/bake hotfix');
      expect(await ann.asks('/bake retire hello')).toContain('No old release of hello waits to be retired');
      expect(await ann.asks('/bake log hello v7')).toContain('There is no hello v7');
      expect(await ann.asks('/bake diff hello v1 v7')).toContain('There is no hello v1');
      expect(await ann.asks('/bake status')).toContain('hasty');
    });

    it('a version that may be a tag too is asked about, and goes where a person says', async () => {
      await open(mode);
      await live(1, 'one');
      await ann.says('/bake hello v1');
      const question = await ann.toldMessage();
      await ann.presses(question, 'choose-environment');
      const where = await ann.toldInstead(question);
      expect(buttonsOf(where).map(({ text }) => text.text)).toEqual([
        'Deploy to dev',
        'Deploy to production',
      ]);
      await ann.presses(where, 'deploy');
      expect(readable(await ann.toldInstead(where))).toContain('v1 is live in dev already');
      await ann.says('/bake hello v1');
      const again = await ann.toldMessage();
      await ann.presses(again, 'bake-ref');
      expect(readable(await ann.toldInstead(again))).toContain('hello v2 is on its way');
    });

    it('App Home shows what waits for whom, and its buttons do the same with the same checks', async () => {
      await open(mode);
      await live(1, 'one');
      await bob.hands.openHome();
      await ann.hands.openHome();
      const homeOf = (name: keyof typeof people) =>
        readable({ blocks: town.slack.home(people[name])?.blocks ?? [] });
      await until('the homes', () => homeOf('bob').includes('production: v1') && homeOf('ann') !== '', 8_000);
      expect(homeOf('bob')).toContain('Nothing waits for you.');
      await ann.says('/bake hello two');
      await ann.told();
      await until(
        'what waits for bob',
        () => /Waiting for you\n.*hello v2\* waits for approval/.test(homeOf('bob')),
        12_000,
      );
      await until('her own', () => /Your releases\n.*hello v2/.test(homeOf('ann')), 12_000);
      const home = town.slack.home(people.bob);
      if (home === undefined) throw new Error('bob has no home');
      await bob.presses(home, 'approve');
      await bob.dialogSays('You approved hello v2 for production');
      await seen(town, 'hello v2 · live in production');
      await until('the new state', () => homeOf('bob').includes('production: v2'), 12_000);
      await until('the way back', () => homeOf('ann').includes('Roll back production to v1'), 12_000);
      const annsHome = town.slack.home(people.ann);
      if (annsHome === undefined) throw new Error('ann has no home');
      await ann.presses(annsHome, 'retire');
      await ann.dialogSays('v1 is being retired in production');

      await ann.says('/bake lock hello production "db work" for 1h');
      await ann.told();
      await until('her lock', () => /Your locks\n.*hello.*production.*db work/.test(homeOf('ann')), 12_000);
      expect(homeOf('bob')).toContain('You hold no locks.');
      const withLock = town.slack.home(people.ann);
      if (withLock === undefined) throw new Error('ann has no home');
      await ann.presses(withLock, 'unlock');
      await ann.dialogSays('hello is unlocked in production');
      await until('no lock', () => homeOf('ann').includes('You hold no locks.'), 12_000);
    }, 60_000);

    it('a shortcut on a message of a thread shows its card as it is now, with buttons that work', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await until('a note', () => town.slack.thread('#hello', card.ts).length > 1, 8_000);
      const [, note] = town.slack.thread('#hello', card.ts);
      if (note === undefined) throw new Error('There is no note.');
      walked.add('shortcut about-message');
      await bob.hands.shortcut('about-message', note);
      await bob.dialogSays('hello v1 · waits for approval');
      const dialog = await bob.dialog('Bakery');
      await bob.presses(dialog, 'approve');
      await bob.dialogSays('You approved hello v1 for production');
      await seen(town, 'hello v1 · live in production');
      const other = ann.hands.say('#hello', 'when does it ship?');
      await ann.hands.shortcut('about-message', other);
      await ann.dialog('Release a service');
      await eve.hands.shortcut('release');
      walked.add('shortcut release');
      const form = await eve.dialog('Release a service');
      await eve.hands.choose({ id: form.id }, 'suggest-service', 'hello');
      const wrong = await eve.hands.submit({ id: form.id }, { text: '--upload-pack=evil' });
      expect(wrong.errors).toMatchObject({ ref: expect.stringContaining('Git takes no such name') });
      await eve.hands.submit({ id: form.id }, { text: 'main' });
      await eve.dialogSays('You may not release hello');
    });

    it('cards outlive what Slack does to them: deleted, refused, answered too late, channels gone', async () => {
      await open(mode);
      town.slack.failNext({ method: 'chat.postMessage', status: 500, afterTaking: true });
      await ann.says('/bake hello one');
      await ann.told();
      town.slack.failNext({ method: 'chat.update', status: 429, retryAfter: 1 });
      town.slack.failNext({ method: 'chat.update', error: 'edit_window_closed' });
      const card = await seen(town, 'hello v1 · waits for approval');
      town.slack.deleteMessage(card);
      await bob.presses(await bob.decision('/bake approve hello v1 production'), 'approve');
      await seen(town, 'hello v1 · live in production');
      town.slack.removeBot('#hello');
      await ann.says('/bake hello two');
      const moved = await seen(town, 'hello v2 · waits for approval', '#deploys');
      expect(readable(moved)).toContain('cannot post to its own channel (`not_in_channel`)');
      expect(await ann.told()).toContain('hello v2 is on its way');
    }, 60_000);

    it('images are shown with why each is kept, and one is pinned by a word', async () => {
      await open(mode);
      await live(1, 'one');
      expect(await ann.asks('/bake images hello')).toContain('live in');
      expect(await ann.asks('/bake keep hello v1')).toContain('is kept until somebody says otherwise');
      expect(await ann.asks('/bake images hello')).toContain('none goes tonight');
    }, 60_000);

    it('what a live instance wrote is read by a word, into the thread of its card', async () => {
      await open(mode);
      await live(1, 'one');
      const card = await seen(town, 'hello v1 · live in production');
      expect(await ann.asks('/bake output hello production')).toContain('come into the thread of its card');
      await threadSays(town, card, 'What *hello v1* wrote last in *production*');
    }, 60_000);

    it('nothing is left that nobody walked: every word, button, dialog and shortcut', async () => {
      await open(mode);
      await ann.says('/bake repair hello dev');
      await ann.told();
      await ann.says('/bake output hello dev');
      await ann.told();
      await ann.says('/bake reaper');
      await ann.told();
      const all = [
        ...vocabulary.words.map(({ name }) => `word ${name}`),
        ...buttonIds.map((id) => `button ${id}`),
        ...formIds.map((id) => `form ${id}`),
        ...shortcutIds.map((id) => `shortcut ${id}`),
      ];
      expect(all.filter((one) => !walked.has(one))).toEqual([]);
    });
  });

const plain = (text: unknown): string => (text as { text: string }).text;

/** The buttons that a card once had. */
function buttonsFor(id: string, card: { text: string }) {
  const value = JSON.stringify({ s: 'hasty', d: 'hasty.production.1', i: 'sha256:x', t: 'sha256:y' });
  const element = {
    type: 'button',
    action_id: id,
    text: { type: 'plain_text', text: card.text.slice(0, 20) },
    value,
  };
  return [{ type: 'actions', block_id: 'old', elements: [element] }];
}
