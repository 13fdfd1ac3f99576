import type { ActionsBlock, ContextBlock, HeaderBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Drawn } from './drawn.ts';
import { withinLimits } from './limits.ts';

export const header = (text: string): HeaderBlock => ({
  type: 'header',
  text: { type: 'plain_text', text, emoji: true },
});

export const section = (text: string): SectionBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });

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
