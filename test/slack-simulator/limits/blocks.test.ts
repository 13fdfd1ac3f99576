import { describe, expect, it } from 'vitest';
import { blockProblems } from '../../../src/slack-simulator/limits/blocks.ts';
import { messageContent } from '../../../src/slack-simulator/limits/messages.ts';
import { checkView } from '../../../src/slack-simulator/limits/views.ts';

const text = (length: number) => 'x'.repeat(length);
const plain = (length: number) => ({ type: 'plain_text', text: text(length) });
const option = { text: plain(75), value: text(150) };
const button = (more: object = {}) => ({ type: 'button', text: plain(75), value: text(2000), ...more });
const times = <T>(count: number, thing: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => thing(index));
const actions = (elements: unknown[]) => ({ type: 'actions', elements });
const select = (options: unknown[]) => actions([{ type: 'static_select', action_id: 'a', options }]);
const input = (element: object) => ({ type: 'input', label: plain(10), element });

/** What Slack takes at most, and the same with one too many. */
const LIMITS: readonly [string, unknown[], unknown[]][] = [
  ['50 blocks in a message', times(50, () => ({ type: 'divider' })), times(51, () => ({ type: 'divider' }))],
  [
    '3000 characters in a section',
    [{ type: 'section', text: plain(3000) }],
    [{ type: 'section', text: plain(3001) }],
  ],
  [
    '10 fields',
    [{ type: 'section', fields: times(10, () => plain(1)) }],
    [{ type: 'section', fields: times(11, () => plain(1)) }],
  ],
  [
    '2000 characters in a field',
    [{ type: 'section', fields: [plain(2000)] }],
    [{ type: 'section', fields: [plain(2001)] }],
  ],
  [
    '150 characters in a header',
    [{ type: 'header', text: plain(150) }],
    [{ type: 'header', text: plain(151) }],
  ],
  ['75 characters on a button', [actions([button()])], [actions([button({ text: plain(76) })])]],
  ['2000 characters in a value', [actions([button()])], [actions([button({ value: text(2001) })])]],
  [
    '255 characters in an action_id',
    [actions([button({ action_id: text(255) })])],
    [actions([button({ action_id: text(256) })])],
  ],
  [
    '255 characters in a block_id',
    [{ type: 'divider', block_id: text(255) }],
    [{ type: 'divider', block_id: text(256) }],
  ],
  ['25 elements in actions', [actions(times(25, () => button()))], [actions(times(26, () => button()))]],
  [
    '10 elements in context',
    [{ type: 'context', elements: times(10, () => plain(1)) }],
    [{ type: 'context', elements: times(11, () => plain(1)) }],
  ],
  ['100 options', [select(times(100, () => option))], [select(times(101, () => option))]],
  [
    '5 options in an overflow menu',
    [actions([{ type: 'overflow', options: times(5, () => option) }])],
    [actions([{ type: 'overflow', options: times(6, () => option) }])],
  ],
  ['75 characters in an option', [select([option])], [select([{ ...option, text: plain(76) }])]],
  ['150 characters in an option value', [select([option])], [select([{ ...option, value: text(151) }])]],
  [
    'each block_id once',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    times(2, () => ({ type: 'divider', block_id: 'a' })),
  ],
  [
    'each action_id once in a block',
    [actions([button({ action_id: 'a' }), button({ action_id: 'b' })])],
    [actions(times(2, () => button({ action_id: 'a' })))],
  ],
  [
    '100 characters in a confirm title',
    [actions([button({ confirm: { title: plain(100), text: plain(300) } })])],
    [actions([button({ confirm: { title: plain(101), text: plain(300) } })])],
  ],
  ['text in a section', [{ type: 'section', text: plain(1) }], [{ type: 'section' }]],
  ['text that is not empty', [{ type: 'section', text: plain(1) }], [{ type: 'section', text: plain(0) }]],
  ['known styles', [actions([button({ style: 'danger' })])], [actions([button({ style: 'loud' })])]],
  ['known blocks', [{ type: 'divider' }], [{ type: 'toString' }]],
  ['known elements', [actions([button()])], [actions([{ type: 'lever' }])]],
  [
    'plain text in a header',
    [{ type: 'header', text: plain(1) }],
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
  ],
  [
    'inputs in input blocks only',
    [input({ type: 'plain_text_input' })],
    [actions([{ type: 'plain_text_input' }])],
  ],
  [
    'task states',
    [{ type: 'plan', title: 'p', tasks: [{ task_id: '1', title: 't', status: 'complete' }] }],
    [{ type: 'task_card', task_id: '1', title: 't', status: 'done' }],
  ],
  ['one table', [{ type: 'table', rows: [[]] }], times(2, () => ({ type: 'table', rows: [[]] }))],
];

describe('the limits of Block Kit', () => {
  it.each(LIMITS)('take %s and no more', (_name, allowed, refused) => {
    expect(blockProblems(allowed, 'message')).toEqual([]);
    expect(blockProblems(refused, 'message')).not.toEqual([]);
  });

  it('are told with the place of each mistake', () => {
    expect(blockProblems([{ type: 'header', text: plain(151) }], 'message')).toEqual([
      '[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ]);
  });

  it('take 100 blocks and an alert in a modal', () => {
    const alert = { type: 'alert', text: plain(200) };
    expect(blockProblems([alert, ...times(99, () => ({ type: 'divider' }))], 'modal')).toEqual([]);
    expect(blockProblems([alert], 'message')).not.toEqual([]);
  });

  it('refuse text that is missing or too long, and blocks that are too long in sum', () => {
    const refusedWith = (args: Record<string, unknown>, how: 'post' | 'update' = 'post') => {
      try {
        messageContent(args, how);
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
      return 'taken';
    };
    expect(refusedWith({})).toBe('no_text');
    expect(refusedWith({ text: text(4000) }, 'update')).toBe('taken');
    expect(refusedWith({ text: text(4001) }, 'update')).toBe('msg_too_long');
    expect(messageContent({ text: text(40_001) }, 'post').text).toHaveLength(40_000);
    expect(refusedWith({ blocks: 'no list' })).toBe('invalid_blocks_format');
    const long = times(5, () => ({ type: 'section', text: plain(2700) }));
    expect(blockProblems(long, 'message')).toEqual([]);
    expect(refusedWith({ text: 'x', blocks: long })).toBe('msg_blocks_too_long');
    expect(refusedWith({ text: 'x', blocks: JSON.stringify(long.slice(1)) })).toBe('taken');
    expect(refusedWith({ text: 'x', markdown_text: 'y' })).toBe('markdown_text_conflict');
    expect(refusedWith({ markdown_text: text(12_001) })).toBe('msg_too_long');
  });

  it('take 24 characters in the title and buttons of a modal, and want a submit button beside an input', () => {
    const modal = {
      type: 'modal',
      title: plain(24),
      submit: plain(24),
      close: plain(24),
      blocks: [input({ type: 'plain_text_input' })],
    };
    expect(() => checkView(modal, 'modal')).not.toThrow();
    for (const wrong of [
      { title: plain(25) },
      { submit: plain(25) },
      { close: plain(25) },
      { submit: undefined },
      { blocks: undefined },
    ]) {
      expect(() => checkView({ ...modal, ...wrong }, 'modal')).toThrow('invalid_arguments');
    }
    expect(() => checkView(undefined, 'modal')).toThrow('invalid_arguments');
    expect(() => checkView({ ...modal, private_metadata: text(3001) }, 'modal')).toThrow('invalid_arguments');
  });
});
