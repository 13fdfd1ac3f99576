import type { EphemeralMessage, Message, View } from '../../src/slack-simulator/types.ts';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { type Name, people, type Town } from './town.ts';

/** What all journeys together have used: nothing may be left that nobody walked. */
export const walked = new Set<string>();

/** Somebody in the town: types, presses, reads. */
export class Walker {
  readonly #town: Town;
  readonly #name: Name;
  #read = 0;

  constructor(town: Town, name: Name) {
    this.#town = town;
    this.#name = name;
  }

  get id(): string {
    return people[this.#name];
  }

  get hands() {
    return this.#town.as(this.#name);
  }

  async says(line: string, channel = '#hello'): Promise<void> {
    const [slash = '', ...words] = line.split(' ');
    const known = ['hello', 'hasty', 'picky', 'guarded', 'shop'].includes(words[0] ?? '');
    await this.hands.command(slash, words.join(' '), channel);
    walked.add(
      `word ${slash === '/rollback' ? 'rollback' : words.length === 0 ? 'release' : known ? 'bake' : words[0]}`,
    );
  }

  /** The next thing that only this person is shown, as one text. */
  async told(): Promise<string> {
    return readable(await this.toldMessage());
  }

  async toldMessage(): Promise<EphemeralMessage> {
    const all = () => this.#town.slack.ephemerals(people[this.#name]);
    await until(`something to be told to ${this.#name}`, () => all().length > this.#read, 8_000);
    const message = all()[this.#read];
    this.#read += 1;
    if (message === undefined) throw new Error('It was there a moment ago.');
    return message;
  }

  /** Says it, and gets the answer as a message, with its buttons. */
  async decision(line: string): Promise<EphemeralMessage> {
    await this.says(line);
    return this.toldMessage();
  }

  /** What takes the place of a message that only this person is shown. */
  async toldInstead(before: EphemeralMessage): Promise<EphemeralMessage> {
    const now = () => this.#town.slack.ephemerals(people[this.#name]).find(({ ts }) => ts === before.ts);
    await until('its answer', () => JSON.stringify(now()?.blocks) !== JSON.stringify(before.blocks), 8_000);
    const message = now();
    if (message === undefined) throw new Error('The message is gone.');
    return message;
  }

  /** Says it, and reads the answer. */
  async asks(line: string, channel?: string): Promise<string> {
    await this.says(line, channel);
    return this.told();
  }

  /** Presses a button of a message, a dialog or Home by its action id. */
  async presses(on: Message | EphemeralMessage | View, id: string): Promise<void> {
    await this.hands.click('id' in on && !('ts' in on) ? { id: on.id } : (on as Message), { actionId: id });
    walked.add(`button ${id}`);
  }

  /** Presses a button by its words, where several have the same id. */
  async pressesText(on: Message, text: string, id: string): Promise<void> {
    await this.hands.click(on, { text });
    walked.add(`button ${id}`);
  }

  /** Presses a button as it stood on an older state of the message, which proves nothing of the button that is there. */
  async pressesOld(on: Message, id: string): Promise<void> {
    await this.hands.click(on, { actionId: id }, { stale: true, blocks: on.blocks ?? [] });
  }

  /** The dialog in front. */
  async dialog(title: string): Promise<View> {
    const front = () => this.#town.slack.modals(people[this.#name]).at(-1);
    await until(`the dialog ${title}`, () => titleOf(front()) === title, 8_000);
    const view = front();
    if (view === undefined) throw new Error('It was there a moment ago.');
    return view;
  }

  /** What the dialog in front says when it was done. */
  async dialogSays(words: string): Promise<void> {
    const front = () =>
      readable({ blocks: this.#town.slack.modals(people[this.#name]).at(-1)?.blocks ?? [] });
    try {
      await until(`the dialog to say ${words}`, () => front().includes(words), 8_000);
    } catch {
      throw new Error(`The dialog says ${front()} and not ${words}`);
    }
  }
}

const titleOf = (view: View | undefined): string | undefined => {
  const title = view?.title as { text?: string } | undefined;
  return title?.text;
};

/** The card whose headline holds these words, as it stands now. */
export function cardOf(town: Town, words: string, channel = '#hello'): Message | undefined {
  return town.slack.messages(channel).find((one) => headline(one).includes(words));
}

const headline = ({ blocks = [] }: Message): string => {
  const header = blocks.find(({ type }) => type === 'header') as { text?: { text: string } } | undefined;
  return header?.text?.text ?? '';
};

/** Waits until a card says so in its headline. */
export async function seen(town: Town, words: string, channel = '#hello'): Promise<Message> {
  try {
    await until(`a card that says ${words}`, () => cardOf(town, words, channel) !== undefined, 12_000);
  } catch (error) {
    const there = town.slack.messages(channel).map(headline).join(' | ');
    throw new Error(`${String(error)}; there is: ${there}`);
  }
  const card = cardOf(town, words, channel);
  if (card === undefined) throw new Error('It was there a moment ago.');
  return card;
}

/** Waits until a message has a button, or has none of that id any more. */
export async function button(town: Town, at: Message, id: string, there = true): Promise<Message> {
  const now = () => town.slack.messages(at.channel).find(({ ts }) => ts === at.ts);
  const has = () => buttonsOf(now() ?? {}).some((one) => one.action_id === id);
  await until(`the button ${id} to be ${there ? 'there' : 'gone'}`, () => has() === there, 12_000);
  return now() ?? at;
}

/** Waits until a thread says so. */
export async function threadSays(town: Town, card: Message, words: string): Promise<void> {
  const said = (): string =>
    town.slack
      .thread(card.channel, card.ts)
      .slice(1)
      .map((one) => readable(one))
      .join('\n');
  try {
    await until(`the thread to say ${words}`, () => said().includes(words), 10_000);
  } catch {
    throw new Error(`The thread does not say ${words}; it says: ${said()}`);
  }
}
