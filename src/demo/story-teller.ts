import { setTimeout as pause } from 'node:timers/promises';
import type { Message, SlackSimulator } from '../slack-simulator/index.ts';
import { deploys } from './people.ts';
import { readable } from './readable.ts';

/** The story could not go on: what was waited for, and what was seen instead. */
export class StoryStuck extends Error {
  override name = 'StoryStuck';
}

/** Everything a person reads on a message: its text and all words of its blocks. */
export function wordsOf({ text, blocks }: Pick<Message, 'text' | 'blocks'>): string {
  return `${text}\n${wordsIn(blocks ?? []).join('\n')}`;
}

function wordsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string' ? [inner] : wordsIn(inner),
  );
}

/** Reads the channel as a person does, and tells what it sees. */
export class StoryTeller {
  readonly #slack: SlackSimulator;
  readonly #began = Date.now();
  readonly #print: (line: string) => void;
  readonly #patience: number;
  readonly #told = new Map<string, string>();

  /** `patience` is how many times longer than said it waits. */
  constructor(slack: SlackSimulator, print: (line: string) => void, patience = 1) {
    this.#slack = slack;
    this.#patience = patience;
    this.#print = print;
  }

  say(line: string): void {
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(1).padStart(6);
    this.#print(`${seconds}s  ${readable(line)}`);
  }

  chapter(title: string): void {
    this.#print(`\n        ${title}\n        ${'─'.repeat(title.length)}`);
  }

  /** Lives a story to its end. False when it got stuck or broke, which is told then. */
  async tellsToItsEnd(story: () => Promise<void>): Promise<boolean> {
    try {
      await story();
      return true;
    } catch (error) {
      const stack = error instanceof Error ? error.stack : error;
      this.say(error instanceof StoryStuck ? error.message : `The story broke: ${stack}`);
      return false;
    }
  }

  /** The last words: what was not as it must be, and whether all was. */
  concludes(cameToItsEnd: boolean, problems: readonly string[]): boolean {
    for (const problem of problems) this.#print(`WRONG: ${problem}`);
    const good = cameToItsEnd && problems.length === 0;
    this.#print(good ? '\nEvery step was as it must be.' : '\nThe story did not go as it must.');
    return good;
  }

  /** Tells each change of the headline of every card, as people would see it go by. */
  watch(): () => void {
    return this.#slack.onChange((change) => {
      if (change.kind !== 'message') return;
      const message = this.#slack.messages(deploys.id).find(({ ts }) => ts === change.ts);
      const line = message === undefined ? undefined : readable(message.text.split('\n')[0] ?? '');
      if (message === undefined || line === undefined || this.#told.get(message.ts) === line) return;
      this.#told.set(message.ts, line);
      this.say(`│ ${line.length > 150 ? `${line.slice(0, 149)}…` : line}`);
    });
  }

  /** The card, newest first, whose words fit. Throws {@link StoryStuck} when none does in time. */
  async card(what: string, fits: (words: string) => boolean, within = 60_000): Promise<Message> {
    const find = () =>
      this.#slack
        .messages(deploys.id)
        .toReversed()
        .find((message) => fits(wordsOf(message)));
    return this.until(what, find, within);
  }

  /** Waits until something is there. */
  async until<Found>(what: string, find: () => Found | undefined | false, within = 60_000): Promise<Found> {
    const longest = within * this.#patience;
    const deadline = Date.now() + longest;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline)
        throw new StoryStuck(`Waited ${longest / 1000} s for this: ${what}.\n${this.#seen()}`);
      await pause(50);
    }
  }

  #seen(): string {
    const last = this.#slack.messages(deploys.id).slice(-4);
    return last.map((message) => `--- a card said:\n${wordsOf(message)}`).join('\n');
  }
}
