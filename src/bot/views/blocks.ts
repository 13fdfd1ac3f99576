import type { ActionsBlock, ContextBlock, HeaderBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Drawn } from './drawn.ts';
import { limits, withinLimits } from './limits.ts';

export const header = (text: string): HeaderBlock => ({
  type: 'header',
  text: { type: 'plain_text', text, emoji: true },
});

export const section = (text: string): SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** Lines in as many sections as Slack's limit for one takes; no line is ever cut in two for it. */
export function sections(lines: readonly string[]): SectionBlock[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    const joined = last === undefined ? line : `${last}\n${line}`;
    if (last === undefined || joined.length > limits.section) texts.push(line);
    else texts[texts.length - 1] = joined;
  }
  return texts.map(section);
}

export const context = (text: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text }],
});

/** A drawing within Slack's limits, without the blocks that have nothing to say. */
export function drawn(text: string, blocks: (KnownBlock | undefined)[]): Drawn {
  return withinLimits({ text, blocks: blocks.filter((block) => block !== undefined) });
}

/** A sentence to one person. */
export const sentence = (text: string): Drawn => drawn(text, [section(text)]);

/** A no to one person. */
export const refusal = (text: string): Drawn => ({ ...sentence(`🚫 ${text}`), refused: true });

export const actions = (elements: ActionsBlock['elements']): ActionsBlock | undefined =>
  elements.length === 0 ? undefined : { type: 'actions', elements: elements.slice(0, 25) };
