import type { ModalView } from '@slack/types';
import { limits } from './limits.ts';

export const rejectCallback = 'reject-reason';
/** The ids under which the reason comes back. */
export const reasonBlock = 'reason';
export const reasonInput = 'text';

/** Asks why. `metadata` travels through Slack and comes back with the answer. */
export function rejectModal(metadata: string): ModalView {
  return {
    type: 'modal',
    callback_id: rejectCallback,
    private_metadata: metadata.slice(0, limits.metadata),
    title: { type: 'plain_text', text: 'Reject the deployment' },
    submit: { type: 'plain_text', text: 'Reject it' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      {
        type: 'input',
        block_id: reasonBlock,
        label: { type: 'plain_text', text: 'Why? It is shown in the thread.' },
        element: {
          type: 'plain_text_input',
          action_id: reasonInput,
          multiline: true,
          min_length: 3,
          max_length: 1000,
          focus_on_load: true,
          placeholder: { type: 'plain_text', text: 'For example: the migration has to go first' },
        },
      },
    ],
  };
}
