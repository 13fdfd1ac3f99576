import type { ActionsBlock } from '@slack/types';
import { type ButtonValue, encode } from './button-value.ts';

/** Every action id that a button of ours can have: what the bot listens to. */
export const buttonIds = [
  'approve',
  'reject',
  'cancel-release',
  'cancel-deployment',
  'retire',
  'roll-back',
  'retry-release',
  'retry-deployment',
  'bake-ref',
  'choose-environment',
  'deploy',
  'give-way-replace',
  'give-way-queue',
  'give-way-keep',
  'unlock',
  'approve-group',
  'reject-group',
  'cancel-group',
  'roll-back-group',
  'deploy-group',
] as const;
export type ButtonId = (typeof buttonIds)[number];

export interface Button {
  id: ButtonId;
  label: string;
  value: ButtonValue;
  /** What a screen reader says: names service and version. */
  says: string;
  style?: 'primary' | 'danger';
  confirm?: { title: string; text: string; yes: string; no: string };
}

type Element = Extract<ActionsBlock['elements'][number], { type: 'button' }>;

/** Block Kit's own shape of a button. */
export function draw(button: Button): Element {
  return {
    type: 'button',
    action_id: button.id,
    text: { type: 'plain_text', text: button.label },
    value: encode(button.value),
    accessibility_label: spoken(button.says),
    ...(button.style === undefined ? {} : { style: button.style }),
    ...(button.confirm === undefined
      ? {}
      : {
          confirm: {
            title: { type: 'plain_text', text: button.confirm.title },
            text: { type: 'mrkdwn', text: button.confirm.text },
            confirm: { type: 'plain_text', text: button.confirm.yes },
            deny: { type: 'plain_text', text: button.confirm.no },
            ...(button.style === undefined ? {} : { style: button.style }),
          },
        }),
  };
}

/** As long as Slack lets a label be. */
const longest = 75;

/** What a screen reader says: where it is too long its longest word is cut, so that version and environment stay. */
export function spoken(words: string): string {
  if (words.length <= longest) return words;
  const [word = ''] = words.split(' ').toSorted((a, b) => b.length - a.length);
  const kept = word.length - (words.length - longest) - 1;
  return kept < 1 ? words : words.replace(word, () => `${[...word].slice(0, kept).join('')}…`);
}
