import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../slack-simulator/index.ts';
import type { Cloud } from './clouds/cloud.ts';
import { ada, deploys, eve } from './people.ts';
import { commitAll } from './repository.ts';
import { requestsPerSecond, type Stage, setStage } from './stage.ts';
import { StoryTeller, wordsOf } from './story-teller.ts';
import { type Facts, factsIn, summary } from './summary.ts';
import { doesNotCompile, failsUnderLoad, needsLocalPackage, versionText } from './variants.ts';

/** Tells the whole story by itself, as people would live it. True when every step was as it must be. */
export async function tellStory(root: string, print: (line: string) => void, cloud: Cloud): Promise<boolean> {
  print(
    '        Setting the stage: a simulated Slack, the bot, its ledger, queue and balancer, a Git repository …',
  );
  const stage = await setStage(root, undefined, cloud);
  const teller = new StoryTeller(stage.slack, print, cloud.patience);
  const stopWatching = teller.watch();
  const story = new Story(stage, teller);
  const cameToItsEnd = await teller.tellsToItsEnd(async () => {
    teller.say(`Ready after ${(stage.readyAfter / 1000).toFixed(1)} s.`);
    await story.tell();
  });
  stopWatching();
  await stage.traffic.stop();
  await stage.close();
  for (const line of summary(factsIn(stage.place.data), stage.traffic, story.rollback)) print(line);
  return teller.concludes(cameToItsEnd, [...story.problems, ...wrongIn(stage)]);
}

function wrongIn({ traffic }: Stage): string[] {
  const reasons = traffic.reasons.slice(0, 5).join('; ');
  return traffic.failed === 0 ? [] : [`${traffic.failed} requests failed: ${reasons}`];
}

class Story {
  readonly problems: string[] = [];
  rollback: { askedAt: number; firstAfter: number; allAfter: number } | undefined;
  readonly #stage: Stage;
  readonly #teller: StoryTeller;
  readonly #original: { server: string; file: string };

  constructor(stage: Stage, teller: StoryTeller) {
    this.#stage = stage;
    this.#teller = teller;
    this.#original = { server: this.#read('server.js'), file: this.#read('bakery.yaml') };
  }

  async tell(): Promise<void> {
    await this.#firstRelease();
    await this.#secondRelease();
    await this.#badReleases();
    await this.#badSoak();
    await this.#goBack();
  }

  async #firstRelease(): Promise<void> {
    this.#teller.chapter('The first release: a push, every stage, a person');
    this.#write('version.txt', versionText('v1'));
    this.#write('NOTES.md', 'The first release.\n');
    this.#commit('Say hello to the world');
    const card = await this.#approvable(1);
    this.#teller.say('Eve, who may not approve, presses Approve.');
    await this.#stage.slack.as(eve.id).click(card, 'approve');
    const refusal = await this.#teller.until('Eve is refused with a sentence', () =>
      this.#stage.slack.ephemerals(eve.id).find(({ text }) => /may not approve/.test(text)),
    );
    this.#teller.say(`│ to Eve alone: ${refusal.text}`);
    await this.#approve(card);
    await this.#live(1);
    this.#teller.say(`${requestsPerSecond} requests a second begin, and go on to the end.`);
    this.#stage.traffic.start(this.#stage.url, requestsPerSecond);
    await pause(1_500);
  }

  async #secondRelease(): Promise<void> {
    this.#teller.chapter('The second release, with the bot killed in the middle of its cut-over');
    this.#write('version.txt', versionText('v2'));
    this.#commit('Say hello better');
    const card = await this.#approvable(2);
    this.#expect(
      /file changed|files changed/.test(wordsOf(card)),
      'the card of v2 says what differs in its image',
    );
    await this.#approve(card);
    await this.#teller.until('the first answer of v2', () => (this.#stage.traffic.byVersion.v2 ?? 0) > 0);
    this.#teller.say('kill -9: the bot is gone in the middle of the cut-over. It is started again.');
    const before = this.#stage.bot.restarts;
    this.#stage.bot.kill();
    await this.#teller.until('the bot runs again', () => this.#stage.bot.restarts > before);
    await this.#stage.bot.ready();
    this.#teller.say('The bot is back, and goes on where it was.');
    await this.#live(2);
    const beside = await this.#withButton('Retire old (v1)');
    this.#teller.say('v1 and v2 run side by side. Ada presses Retire old (v1).');
    await this.#stage.slack.as(ada.id).click(beside, 'retire');
    await this.#teller.until(
      'v1 is retired',
      () => this.#deployment(1, 'production')?.standing === 'retired',
    );
  }

  async #badReleases(): Promise<void> {
    const { server, file } = this.#original;
    this.#teller.chapter('Releases that must not reach production');
    this.#teller.say('A commit that needs a package which only its author has.');
    this.#write('server.js', needsLocalPackage(server));
    this.#write('version.txt', versionText('v3'));
    this.#commit('Pad the greeting');
    const padded = await this.#failed(3, /verify|verified/i);
    this.#expect(/functional/i.test(wordsOf(padded)), 'the card of v3 names the suite that failed');

    this.#teller.say('A commit that does not compile.');
    this.#write('server.js', doesNotCompile(server));
    this.#write('version.txt', versionText('v4'));
    this.#commit('Add an oven');
    await this.#failed(4, /build|compile/i);

    this.#teller.say('A release whose settings in production lack a variable that it declares.');
    this.#write('server.js', server);
    this.#write('bakery.yaml', file.replace('  LOG_TOKEN:', '  REGION: { type: string }\n  LOG_TOKEN:'));
    this.#write('version.txt', versionText('v5'));
    this.#commit('Ask for a region');
    const stopped = await this.#failed(5, /REGION/);
    this.#expect(/REGION/.test(wordsOf(stopped)), 'the card of v5 names the variable that is missing');
  }

  async #badSoak(): Promise<void> {
    this.#teller.chapter('A release that passes all tests and then fails in production');
    this.#write('bakery.yaml', this.#original.file);
    this.#write('server.js', failsUnderLoad(this.#original.server));
    this.#write('version.txt', versionText('v6'));
    this.#commit('Count what is served');
    await this.#approve(await this.#approvable(6));
    await this.#teller.until(
      'v6 goes back by itself',
      () => this.#deployment(6, 'production')?.standing === 'rolled back',
      90_000,
    );
    this.#teller.say('Traffic went back to v2 by itself; v6 is in quarantine.');
    await this.#teller.until('nothing of v6 is left', () => this.#rows().openDeployments === 0);
  }

  async #goBack(): Promise<void> {
    this.#teller.chapter('Rolling back to v1, which was retired: its original image starts again');
    const before = this.#rows();
    const askedAt = Date.now();
    const outcome = await this.#stage.slack
      .as(ada.id)
      .command('/rollback', 'hello v1 production', `#${deploys.name}`);
    this.#expect(outcome.error === undefined, `/rollback was taken (${outcome.error ?? ''})`);
    const first = await this.#teller.until('the first answer of v1', () =>
      this.#stage.traffic.firstAfter('v1', askedAt),
    );
    await this.#live(1);
    await pause(500);
    const all = this.#stage.traffic.lastAt.v2 ?? first;
    this.rollback = { askedAt, firstAfter: first - askedAt, allAfter: Math.max(first, all) - askedAt };
    const after = this.#rows();
    this.#expect(
      before.builds === after.builds && before.bakes === after.bakes,
      'the rollback built and baked nothing',
    );
    this.#expect(after.liveDigest === after.imageOf(1), 'v1 runs from its original image');
    for (const version of [1, 2]) this.#sameEverywhere(after, version);
    await this.#teller.until('the rollback has soaked', () => this.#rows().soaked, 30_000);
  }

  async #approvable(version: number): Promise<Message> {
    return this.#teller.card(
      `hello v${version} waits for approval`,
      (words) =>
        words.includes(`hello v${version} `) && words.includes('Approve') && words.includes('Reject…'),
      90_000,
    );
  }

  async #withButton(label: string): Promise<Message> {
    return this.#teller.card(`a card offers ${label}`, (words) => words.includes(label));
  }

  async #approve(card: Message): Promise<void> {
    this.#teller.say('Ada presses Approve.');
    const { error } = await this.#stage.slack.as(ada.id).click(card, 'approve');
    this.#expect(error === undefined, `Ada's click was taken (${error ?? ''})`);
  }

  async #live(version: number): Promise<void> {
    await this.#teller.until(
      `hello v${version} is live in production`,
      () => this.#rows().live === version,
      90_000,
    );
    this.#teller.say(`hello v${version} is live in production.`);
  }

  async #failed(version: number, why: RegExp): Promise<Message> {
    return this.#teller.card(
      `hello v${version} failed, and its card says why (${why.source})`,
      (words) => words.includes(`hello v${version} `) && /failed/i.test(words) && why.test(words),
      90_000,
    );
  }

  /** What ran in every environment is what was baked once. */
  #sameEverywhere(facts: Facts, version: number): void {
    const image = facts.imageOf(version);
    const ran = facts.ran(version);
    const everywhere = ['dev', 'staging', 'production'].every((name) =>
      ran.some(({ environment }) => environment === name),
    );
    const same = image !== undefined && ran.every(({ digest }) => digest === image);
    this.#expect(everywhere && same, `v${version} ran from one image in dev, staging and production`);
    this.#teller.say(`v${version} ran in dev, staging and production from the same image, ${image}.`);
  }

  #deployment(version: number, environment: string) {
    return this.#rows().release(version)?.standings[environment];
  }

  #rows(): Facts {
    return factsIn(this.#stage.place.data);
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.problems.push(`it is not so that ${what}`);
  }

  #commit(message: string): void {
    const sha = commitAll(this.#stage.place, message);
    this.#teller.say(`git commit: ${sha.slice(0, 7)} ${message}. It is pushed.`);
  }

  #read(file: string): string {
    return readFileSync(join(this.#stage.place.work, file), 'utf8');
  }

  #write(file: string, content: string): void {
    writeFileSync(join(this.#stage.place.work, file), content);
  }
}
