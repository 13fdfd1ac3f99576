import { setTimeout as pause } from 'node:timers/promises';
import { audit } from '../../ledger/audit.ts';
import { taleOf } from '../../ledger/tale.ts';
import { readWhole, type WholeLedger } from '../../ledger/whole.ts';
import type { Answer, PipelineCommand } from '../../pipeline/domain/command.ts';
import { type Evidence, goingOn } from '../evidence.ts';
import { historyOf, type Misfortune, type Step } from '../history.ts';
import { breaches } from '../invariants/index.ts';
import { commandOf, tellAnswer } from '../people.ts';
import { Random } from '../random.ts';
import { policyOf, type Scene } from '../scene.ts';
import type { Installation } from './installation.ts';
import { haste } from './setting.ts';

/**
 * How long everything may take to come to rest, and what the clock puts right to be right. Seconds are enough; the rest is
 * for a machine that does ten other things, on which what is slow is not to be taken for what hangs.
 */
const restWithin = 240_000;
/** By then nobody is stopped any more: a bot that is slower than this is on a machine that is too busy to tell. */
const cardsWithin = 20_000;
const between = 200;

export interface ScheduleReport {
  seed: number;
  breaches: string[];
  told: string[];
  /** After a breach: what the ledger has to say of it. */
  tale: string[];
  ms: number;
}

/** The installation of every schedule: a seed chooses steps only, so that many take turns in one. */
export const scene: Scene = { count: 1, tokens: true, workers: 2, eager: true, haste };

export const stepsOf = (seed: number): Step[] => historyOf(new Random(seed));

/** Runs the schedule of one seed for one service of an installation, lets all come to rest, and checks. */
export async function runSchedule(
  on: Installation,
  seed: number,
  service: string,
  empty: (url: string, prefix: string) => Promise<void>,
): Promise<ScheduleReport> {
  const run = new Run(on, service, empty);
  const began = performance.now();
  on.beginTelling();
  for (const step of stepsOf(seed)) {
    await run.wait(step.after / haste);
    await run.take(step);
  }
  await run.wait(500);
  on.heal();
  const found = await run.rest();
  const tale = found.length === 0 ? [] : taleOf(on.ledger.db, service, Date.now());
  return { seed, breaches: found, told: on.told, tale, ms: performance.now() - began };
}

class Run {
  readonly #on: Installation;
  readonly #service: string;
  readonly #empty: (url: string, prefix: string) => Promise<void>;
  readonly #alarmsBefore: number;

  constructor(on: Installation, service: string, empty: (url: string, prefix: string) => Promise<void>) {
    this.#on = on;
    this.#service = service;
    this.#empty = empty;
    this.#alarmsBefore = on.cloud.alarms.length;
  }

  /** Meanwhile somebody says yes to whatever is asked. */
  async wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    do {
      await this.#press('approve');
      await pause(Math.max(0, Math.min(between, until - performance.now())));
    } while (performance.now() < until);
  }

  async take(step: Step): Promise<void> {
    const command = isMisfortune(step) ? undefined : commandOf(step, this.#ledger(), this.#service);
    if (command !== undefined) await this.#ask(command);
    if (isMisfortune(step)) await this.#strike(step);
  }

  /** Resolves to what is broken at rest; empty as soon as nothing is. */
  async rest(): Promise<string[]> {
    const deadline = performance.now() + restWithin;
    let found: string[] = [];
    while (performance.now() < deadline) {
      await this.wait(between);
      await this.#press('retire');
      if (goingOn(this.#ledger()).length > 0) continue;
      found = await this.#breaches();
      if (found.length === 0 || this.#alarms().length > 0) return found;
    }
    return found.length > 0 ? found : await this.#breaches();
  }

  async #breaches(): Promise<string[]> {
    const { cloud, bugs, ledger } = this.#on;
    cloud.settle(Date.now());
    const wrongCards = await this.#on.askBot('wrong cards', this.#service, cardsWithin);
    const evidence: Evidence = {
      now: Date.now(),
      service: this.#service,
      books: cloud.books,
      alarms: this.#alarms(),
      ledger: this.#ledger(),
      policy: policyOf(this.#on.scene, this.#service),
      audit: audit(ledger.db),
      // The bot's own answer: sentences.
      wrongCards: (wrongCards as string[] | undefined) ?? ['The bot does not answer.'],
    };
    return [...breaches(evidence), ...bugs];
  }

  #alarms() {
    return this.#on.cloud.alarms.slice(this.#alarmsBefore);
  }

  #ledger(): WholeLedger {
    return readWhole(this.#on.ledger.db, this.#service);
  }

  async #press(button: 'approve' | 'retire'): Promise<void> {
    const command = commandOf({ do: button, pick: 0 }, this.#ledger(), this.#service);
    if (command !== undefined) await this.#ask(command);
  }

  async #ask(command: PipelineCommand): Promise<void> {
    const answer = (await this.#on.askBot('handle', command)) as Answer | undefined;
    this.#on.tell(
      answer === undefined ? `nobody hears: ${command.do}` : `${command.do}: ${tellAnswer(answer)}`,
    );
  }

  async #strike(step: Misfortune): Promise<void> {
    const on = this.#on;
    const worker = (pick: number): string => on.workers[pick % on.workers.length] ?? 'bot';
    // Long enough to lose a lease, and no longer than a person would wait for a test.
    const ms = 'ms' in step ? step.ms / 5 : 0;
    switch (step.do) {
      case 'trouble':
        return on.troubles.add({ ...step.trouble, ms: step.trouble.ms / 5 });
      case 'kill a worker':
        return on.kill(worker(step.pick));
      case 'freeze a worker':
        return on.freeze(worker(step.pick), ms);
      case 'cut a worker off':
        return on.embedded ? on.kill('bot') : on.cut(worker(step.pick), ms);
      case 'kill the bot':
        return on.kill('bot');
      case 'freeze the bot':
        return on.freeze('bot', ms);
      case 'empty the queue':
        return on.loseQueue(this.#empty);
      case 'queue away':
        if (on.embedded) return on.freeze('bot', ms);
        for (const name of ['bot', ...on.workers]) on.cut(name, ms);
        return;
      case 'lose an instance':
        return on.tell(`${on.cloud.strike(step.pick, Date.now(), this.#service) ?? 'nothing'} is gone`);
      default:
        on.tell(step.do);
        on.cloud.worsen(step, 5);
    }
  }
}

const people = new Set([
  'push',
  'approve',
  'reject',
  'cancel',
  'retire',
  'retry',
  'cancel release',
  'retry release',
  'roll back',
]);

const isMisfortune = (step: Step): step is Step & Misfortune => !people.has(step.do);
