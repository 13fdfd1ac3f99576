import { people } from './people.ts';

/** What Slack would draw of a text: names for people, times as they stand for who cannot draw them, words for links. */
export const readable = (text: string): string =>
  text
    .replace(/<@(\w+)>/g, (whole, id) => people.find((one) => one.id === id)?.realName ?? whole)
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<https?:[^|>]+\|([^>]+)>/g, '$1');
