import type { HomeView, InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { section } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { shorten } from './format.ts';
import { withinView } from './limits.ts';

/** The dialogs in which something is asked for, by the callback id under which they come back. */
export const formIds = ['release-form', 'roll-back-form'] as const;
export type FormId = (typeof formIds)[number];

const plain = (text: string) => ({ type: 'plain_text' as const, text });

/** An option of a select, within Slack's limits. */
export const option = (text: string, value: string): PlainTextOption => ({
  text: plain(shorten(text, 75)),
  value: value.slice(0, 150),
});

const serviceInput = (known: string | undefined): InputBlock => ({
  type: 'input',
  block_id: 'service',
  label: plain('Service'),
  element: {
    type: 'external_select',
    action_id: 'suggest-service',
    min_query_length: 0,
    placeholder: plain('Type a few letters of its name'),
    ...(known === undefined ? { focus_on_load: true } : { initial_option: option(known, known) }),
  },
});

/** What a dialog remembers: the channel in which it was opened, for rights that are given by channel. */
export const openedFrom = (channel: string): Pick<ModalView, 'private_metadata'> =>
  channel === '' ? {} : { private_metadata: JSON.stringify({ channel }) };

const modal = (
  id: FormId,
  title: string,
  submit: string,
  channel: string,
  blocks: KnownBlock[],
): ModalView => ({
  type: 'modal',
  callback_id: id,
  ...openedFrom(channel),
  title: plain(title),
  submit: plain(submit),
  close: plain('Cancel'),
  blocks,
});

/** What `/bake` alone opens: which service, which ref. Filled with what the channel tells. */
export const releaseForm = (known: { service?: string; branch?: string }, channel = ''): ModalView =>
  modal('release-form', 'Release a service', 'Release it', channel, [
    serviceInput(known.service),
    {
      type: 'input',
      block_id: 'ref',
      optional: true,
      label: plain('Branch, tag or commit'),
      hint: plain('Empty: the newest commit of the branch that the service is released from.'),
      element: {
        type: 'plain_text_input',
        action_id: 'text',
        max_length: 200,
        placeholder: plain(known.branch ?? 'main'),
      },
    },
  ]);

/** Where to go back to: no environment is ever chosen beforehand. */
export const rollBackForm = (known: { service?: string }, channel = ''): ModalView =>
  modal('roll-back-form', 'Roll back', 'Roll back', channel, [
    serviceInput(known.service),
    {
      type: 'input',
      block_id: 'version',
      label: plain('To which version, and where'),
      hint: plain('Choose the service first. Warm ones still run: going back takes seconds.'),
      element: {
        type: 'external_select',
        action_id: 'suggest-version',
        min_query_length: 0,
        placeholder: plain('Newest first'),
      },
    },
    {
      type: 'input',
      block_id: 'reason',
      optional: true,
      label: plain('Why? It is shown in the thread.'),
      element: { type: 'plain_text_input', action_id: 'text', max_length: 1000 },
    },
  ]);

/** What stands in a dialog while it is done. */
export const working: ModalView = {
  type: 'modal',
  title: plain('Bakery'),
  close: plain('Close'),
  blocks: [section('Working on it …')],
};

/** A drawing as a dialog: an answer that has no channel to stand in. */
export const asModal = ({ text, blocks }: Drawn, channel = ''): ModalView => ({
  type: 'modal',
  ...openedFrom(channel),
  title: plain('Bakery'),
  close: plain('Close'),
  blocks: withinView(blocks.length === 0 ? [section(text)] : blocks),
});

export const asHome = (blocks: KnownBlock[]): HomeView => ({ type: 'home', blocks: withinView(blocks) });
