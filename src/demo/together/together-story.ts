import type { Message } from '../../slack-simulator/index.ts';
import { ada, deploys } from '../people.ts';
import type { Stage } from '../stage.ts';
import { type StoryTeller, wordsOf } from '../story-teller.ts';
import { change, commitAndPush, linkModules, runCi, type Shop, write } from '../worker/shop.ts';
import { type ShopFacts, shopFacts } from './facts.ts';

/** Two services that are released together, chapter by chapter; `problems` are the steps that were not as they must be. */
export class TogetherStory {
  readonly problems: string[] = [];
  readonly #stage: Stage;
  readonly #shop: Shop;
  readonly #teller: StoryTeller;

  constructor(stage: Stage, shop: Shop, teller: StoryTeller) {
    this.#stage = stage;
    this.#shop = shop;
    this.#teller = teller;
  }

  async tell(): Promise<void> {
    linkModules(this.#shop);
    await this.#goesTogether(1, 'The first release of both: one card, one yes, and one after the other');
    await this.#goesTogether(2, 'The second one: old and new run side by side, service by service');
    await this.#comesToNothing();
    await this.#goesBack();
  }

  async #goesTogether(number: number, title: string): Promise<void> {
    this.#teller.chapter(title);
    await this.#push(number, `Open the shop, part ${number}`);
    await this.#approve(number);
    await this.#state(number, 'finished');
    const [invoices, menu] = [this.#live('invoices'), this.#live('menu')];
    this.#expect(invoices?.version === number && menu?.version === number, `both run v${number}`);
    this.#expect((invoices?.since ?? 0) + 2_000 <= (menu?.since ?? 0), 'the menu went two seconds later');
    await this.#serves(number);
  }

  async #comesToNothing(): Promise<void> {
    this.#teller.chapter('The third one fails on its second service: what was done goes back by itself');
    change(
      this.#shop,
      'services/menu/server.js',
      'const server =',
      "if (process.env.PLACE === 'production') process.exit(1);\nconst server =",
    );
    await this.#push(3, 'Close the shop');
    const before = this.#live('menu')?.since;
    await this.#approve(3);
    await this.#state(3, 'went back');
    this.#expect(this.#live('invoices')?.version === 2, 'invoices is back at v2');
    this.#expect(this.#live('menu')?.since === before, 'the menu that serves was never touched');
    const run = this.#facts().group(3)?.runs.production;
    const outcomes = run?.back?.steps.map(({ member, outcome }) => `${member} ${outcome}`).join();
    this.#expect(outcomes === 'menu back,invoices back', `all are back, last one first (${outcomes})`);
    const card = await this.#card('shop v3', 'went back');
    this.#expect(/menu v3\S* is failed/.test(wordsOf(card)), 'the card says whose failure it was');
    await this.#serves(2);
  }

  async #goesBack(): Promise<void> {
    this.#teller.chapter('Ada takes the whole shop back to its first release');
    await this.#teller.until('nothing is under way', () => this.#isQuiet());
    this.#teller.say('Ada types /rollback shop v1 production');
    const { error } = await this.#stage.slack
      .as(ada.id)
      .command('/rollback', 'shop v1 production', `#${deploys.name}`);
    this.#expect(error === undefined, `the command was taken (${error ?? ''})`);
    await this.#state(2, 'went back');
    const [invoices, menu] = [this.#live('invoices'), this.#live('menu')];
    this.#expect(invoices?.version === 1 && menu?.version === 1, 'both run v1');
    this.#expect((menu?.since ?? 0) <= (invoices?.since ?? 0), 'the menu went back first');
    await this.#serves(1);
  }

  /** Commits, pushes, and has the outside CI work on it: what it hands over begins the release of both. */
  async #push(number: number, message: string): Promise<void> {
    for (const service of ['invoices', 'menu'])
      write(this.#shop, `services/${service}/version.txt`, `v${number}\n`);
    const sha = commitAndPush(this.#shop, message);
    this.#teller.say(`git commit: ${sha.slice(0, 7)} ${message}. The CI is at work.`);
    const printed = await runCi(this.#shop, this.#stage.place, 'main');
    this.#teller.say(`│ CI: ${printed.trim().split('\n').at(-1)}`);
  }

  async #approve(number: number): Promise<void> {
    const card = await this.#card(`shop v${number}`, 'Approve all', 90_000);
    this.#teller.say('Ada presses Approve all.');
    const { error } = await this.#stage.slack.as(ada.id).click(card, 'approve-group');
    this.#expect(error === undefined, `Ada's click was taken (${error ?? ''})`);
  }

  #card(name: string, says: string, within?: number): Promise<Message> {
    const fits = (words: string): boolean => words.includes(name) && words.includes(says);
    return this.#teller.card(`a card of ${name} that says ${says}`, fits, within);
  }

  async #state(number: number, state: string): Promise<void> {
    const run = () => this.#facts().group(number)?.runs.production;
    await this.#teller.until(`shop v${number} is ${state}`, () => run()?.state === state, 120_000);
    this.#teller.say(`shop v${number}: ${state}.`);
  }

  /** The menu answers through its front door with the version that it should be. */
  async #serves(number: number): Promise<void> {
    const answer = await fetch(this.#stage.url).then((response) => response.text());
    this.#expect(answer.includes(`"version":"v${number}"`), `the menu answers as v${number} (${answer})`);
  }

  #live = (service: string) => this.#facts().live(service);

  #isQuiet(): boolean {
    const facts = this.#facts();
    return ['invoices', 'menu'].every((service) => facts.isQuiet(service));
  }

  #facts = (): ShopFacts => shopFacts(this.#stage.place.data);

  #expect(holds: boolean, what: string): void {
    if (!holds) this.problems.push(`it is not so that ${what}`);
  }
}
