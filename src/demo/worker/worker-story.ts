import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Message } from '../../slack-simulator/index.ts';
import type { Cloud } from '../clouds/cloud.ts';
import { ada, deploys } from '../people.ts';
import type { Stage } from '../stage.ts';
import { type StoryTeller, wordsOf } from '../story-teller.ts';
import { type Facts, factsIn } from '../summary.ts';
import { writeInvoices } from './configuration.ts';
import {
  change,
  commitAndPush,
  git,
  linkModules,
  type Report,
  report,
  runCi,
  type Shop,
  shopEnvironment,
  write,
} from './shop.ts';

/** What people and the CI do, chapter by chapter; `problems` are the steps that were not as they must be. */
export class WorkerStory {
  readonly problems: string[] = [];
  readonly #stage: Stage;
  readonly #shop: Shop;
  readonly #teller: StoryTeller;
  readonly #cloud: Cloud;
  #till: ChildProcess | undefined;

  constructor(stage: Stage, shop: Shop, teller: StoryTeller, cloud: Cloud) {
    this.#stage = stage;
    this.#shop = shop;
    this.#teller = teller;
    this.#cloud = cloud;
  }

  async tell(): Promise<void> {
    await this.#first();
    await this.#second();
    await this.#elsewhere();
    await this.#setting();
    await this.#hotfix();
    await this.#rollback();
    await this.#count();
  }

  async close(): Promise<void> {
    const till = this.#till;
    if (till === undefined || till.exitCode !== null) return;
    till.kill('SIGTERM');
    await once(till, 'exit');
  }

  async #first(): Promise<void> {
    this.#teller.chapter('The first release: an outside CI hands it over, its migration makes the database');
    linkModules(this.#shop);
    await this.#push('Invoices are added up');
    const card = await this.#approvable('invoices v1 ');
    this.#expect(/migrate/i.test(wordsOf(card)), 'the card of v1 says that a migration runs');
    await this.#approve(card);
    await this.#live(1);
    this.#teller.say('The till opens, and sells bread by weight from now on: twenty invoices a second.');
    const till = join(this.#shop.work, 'services/till/till.js');
    this.#till = spawn(process.execPath, [till], { env: shopEnvironment(this.#shop), stdio: 'ignore' });
    await this.#works('v1', null);
  }

  async #second(): Promise<void> {
    this.#teller.chapter('The second release, with a migration that leaves the first one working');
    write(
      this.#shop,
      'services/invoices/migrations/0002_currency.sql',
      'ALTER TABLE invoices ADD COLUMN currency TEXT;\n',
    );
    const worker = 'services/invoices/worker.js';
    change(this.#shop, worker, 'done_by = :version WHERE', 'done_by = :version, currency = :currency WHERE');
    change(
      this.#shop,
      worker,
      'JSON.parse(lines)), version });',
      'JSON.parse(lines)), version, currency });',
    );
    this.#version('v2');
    await this.#push('Invoices name their currency');
    await this.#approve(await this.#approvable('invoices v2 '));
    await this.#works('v2', 'EUR');
    await this.#live(2);
    await this.#teller.until('v1 has ended', () => this.#standing(1) === 'retired');
    this.#teller.say('v1 was told to end, and finished what it had begun.');
    this.#expect(this.#report().columns.includes('currency'), 'the database has the new column');
  }

  async #elsewhere(): Promise<void> {
    this.#teller.chapter('A push that concerns another service of the repository');
    write(this.#shop, 'services/till/README.md', 'Sells bread by weight.\n');
    const printed = await this.#push('Describe the till');
    this.#expect(/concerns nothing/.test(printed), 'the CI hands nothing over');
    this.#expect(this.#facts().release(3) === undefined, 'no release of invoices comes of it');
  }

  async #setting(): Promise<void> {
    this.#teller.chapter('A changed setting: the same image, approved and put into use like a release');
    writeInvoices(this.#stage.place, this.#shop, this.#cloud, 'CHF');
    this.#teller.say(
      'An operator writes CURRENCY: CHF into services/invoices.yaml. Nothing is started again.',
    );
    await this.#teller.until('the files are read', () => this.#said(/files/i), 20_000);
    const before = this.#facts();
    await this.#type('/bake', 'deploy invoices v2 production');
    const card = await this.#teller.card(
      'a card about the new settings',
      (words) => /CURRENCY/.test(words) && words.includes('Approve'),
    );
    await this.#approve(card);
    await this.#works('v2', 'CHF');
    const after = this.#facts();
    this.#expect(
      before.bakes === after.bakes && before.builds === after.builds,
      'nothing was built or baked for it',
    );
  }

  async #hotfix(): Promise<void> {
    this.#teller.chapter('A hotfix, while a release waits for approval');
    const live = git(this.#shop, 'rev-parse', 'HEAD~1');
    this.#version('v3');
    await this.#push('Number invoices anew');
    await this.#approvable('invoices v3 ');
    this.#teller.say(
      'v3 waits. Then somebody sees half a cent on an invoice: it is mended from what is live.',
    );
    git(this.#shop, 'switch', '--quiet', '--create', 'fix/half-cents', live);
    change(this.#shop, 'libs/money.js', '=> lines.reduce(', '=>\n  Math.round(lines.reduce(');
    change(this.#shop, 'libs/money.js', ', 0);', ', 0));');
    this.#version('v4');
    const sha = commitAndPush(this.#shop, 'Round to whole cents');
    git(this.#shop, 'tag', 'fix-1');
    git(this.#shop, 'push', '--quiet', 'origin', 'fix-1');
    this.#teller.say(
      `git commit: ${sha.slice(0, 7)} Round to whole cents, tagged fix-1. The CI hands it over as a hotfix.`,
    );
    await runCi(this.#shop, this.#stage.place, 'fix-1', 'half a cent stands on invoices');
    const card = await this.#approvable('invoices v4 ');
    this.#expect(/half a cent/.test(wordsOf(card)), 'the card of the hotfix says why');
    const waiting = () => this.#facts().open(3, 'production');
    await this.#teller.until('v3 gives way', () => !waiting());
    await this.#approve(card);
    await this.#works('v4', 'CHF');
    await this.#live(4);
    const { groups } = this.#report();
    this.#expect(
      groups.find(({ version }) => version === 'v4')?.fractions === 0,
      'v4 does not leave half a cent',
    );
    this.#expect(
      groups.some(({ fractions }) => fractions > 0),
      'the versions before it did',
    );
  }

  async #rollback(): Promise<void> {
    this.#teller.chapter('Rolling back to v2: its original image is started again');
    const before = this.#facts();
    const done = this.#done('v2');
    await this.#teller.until('v4 has taken over', () => before.live === 4 && this.#standing(2) === 'retired');
    await this.#type('/rollback', 'invoices v2 production');
    await this.#live(2);
    await this.#teller.until('v2 works again', () => this.#done('v2') > done);
    await this.#teller.until('v4 has ended', () => this.#standing(4) !== 'live' && this.#facts().soaked);
    const after = this.#facts();
    this.#expect(
      before.builds === after.builds && before.bakes === after.bakes,
      'the rollback built and baked nothing',
    );
    this.#expect(after.liveDigest === after.imageOf(2), 'v2 runs from its original image');
  }

  async #count(): Promise<void> {
    this.#teller.chapter('What the database says');
    await this.close();
    const { groups, taken, twice } = await this.#teller.until('all invoices are done', () => {
      const found = this.#report();
      return found.open === 0 && found.taken === 0 && found;
    });
    this.#expect(taken === 0, 'no invoice was left half done');
    this.#expect(twice === 0, 'no invoice was done twice');
    for (const { version, currency, invoices } of groups)
      this.#teller.say(`${version} in ${currency ?? 'no currency'}: ${invoices} invoices`);
    this.#teller.say(`${groups.reduce((sum, { invoices }) => sum + invoices, 0)} invoices, each done once.`);
  }

  /** Commits, pushes, and has the outside CI work on it. Returns what the CI printed. */
  async #push(message: string): Promise<string> {
    const sha = commitAndPush(this.#shop, message);
    this.#teller.say(`git commit: ${sha.slice(0, 7)} ${message}. The CI is at work.`);
    const printed = await runCi(this.#shop, this.#stage.place, 'main');
    this.#teller.say(`│ CI: ${printed.trim().split('\n').at(-1)}`);
    return printed;
  }

  #version(version: string): void {
    write(this.#shop, 'services/invoices/version.txt', `${version}\n`);
  }

  async #type(command: string, text: string): Promise<void> {
    this.#teller.say(`Ada types ${command} ${text}`);
    const { error } = await this.#stage.slack.as(ada.id).command(command, text, `#${deploys.name}`);
    this.#expect(error === undefined, `${command} ${text} was taken (${error ?? ''})`);
  }

  #approvable(of: string): Promise<Message> {
    return this.#teller.card(
      `${of}waits for approval`,
      (words) => words.includes(of) && words.includes('Approve') && words.includes('Reject…'),
      90_000,
    );
  }

  async #approve(card: Message): Promise<void> {
    this.#teller.say('Ada presses Approve.');
    const { error } = await this.#stage.slack.as(ada.id).click(card, 'approve');
    this.#expect(error === undefined, `Ada's click was taken (${error ?? ''})`);
  }

  async #live(version: number): Promise<void> {
    await this.#teller.until(
      `invoices v${version} is live`,
      () => this.#facts().live === version && this.#facts().soaked,
      90_000,
    );
    this.#teller.say(`invoices v${version} is live in production.`);
  }

  /** Waits until a version has done invoices in a currency: what runs is seen by its work. */
  async #works(version: string, currency: string | null): Promise<void> {
    await this.#teller.until(
      `${version} does invoices in ${currency}`,
      () => this.#report().groups.some((group) => group.version === version && group.currency === currency),
      90_000,
    );
    this.#teller.say(`${version} does invoices${currency === null ? '' : ` in ${currency}`}.`);
  }

  #done(version: string): number {
    const groups = this.#report().groups.filter((group) => group.version === version);
    return groups.reduce((sum, { invoices }) => sum + invoices, 0);
  }

  #facts = (): Facts => factsIn(this.#stage.place.data);

  #report = (): Report => report(this.#shop);

  #standing = (version: number) => this.#facts().release(version)?.standings.production?.standing;

  #said(words: RegExp): boolean {
    return this.#stage.slack.messages(deploys.id).some((message) => words.test(wordsOf(message)));
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.problems.push(`it is not so that ${what}`);
  }
}
