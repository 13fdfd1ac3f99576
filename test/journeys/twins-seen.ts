import type { SlackSimulator } from '../../src/slack-simulator/index.ts';
import type { Message } from '../../src/slack-simulator/types.ts';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { people } from './town.ts';
import { channel, type Twins } from './twins.ts';

/** Everything that stands in a workspace, as one text. */
export const everything = (slack: SlackSimulator): string =>
  [channel, 'C0DEPLOYS1']
    .flatMap((where) => slack.messages(where).flatMap((one) => slack.thread(where, one.ts)))
    .map(readable)
    .join('\n');

const cardIn = (slack: SlackSimulator, words: string): Message | undefined =>
  slack.messages(channel).find((one) => readable(one).includes(words));

/** The card of a workspace that says these words, once there is one. */
export async function card(
  twins: Twins,
  slack: SlackSimulator,
  words: string,
  within = 15_000,
): Promise<Message> {
  try {
    await until(`a card that says ${words}`, () => cardIn(slack, words) !== undefined, within);
  } catch (error) {
    throw new Error(`${String(error)}; there is: ${everything(slack)} ${JSON.stringify(twins.bot.states())}`);
  }
  const found = cardIn(slack, words);
  if (found === undefined) throw new Error('It was there a moment ago.');
  return found;
}

/** Waits until somebody was told these words where only this person sees them. */
export async function toldTo(slack: SlackSimulator, user: string, words: string): Promise<void> {
  const said = (): string => slack.ephemerals(user).map(readable).join('\n');
  try {
    await until(words, () => said().includes(words), 8_000);
  } catch {
    throw new Error(`${user} was not told ${words} but ${said()}`);
  }
}

/** Brings a first version of a service to production. */
export async function live(twins: Twins, slack: SlackSimulator, service: string): Promise<void> {
  await slack.as(people.ann).command('/bake', `${service} one`, '#releases');
  const waiting = await card(twins, slack, `${service} v1 · waits for approval`);
  await slack.as(people.bob).click(waiting, { actionId: 'approve' });
  await card(twins, slack, `${service} v1 · live in production`);
}
