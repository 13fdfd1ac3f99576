import { SlackRefusal } from '../errors.ts';
import { asList, isFields } from '../fields.ts';
import type { Fields } from '../types.ts';
import { blockProblems } from './blocks.ts';
import { Problems } from './problems.ts';

const VIEW_BYTES = 250_000;

/**
 * Checks a view as `views.open`, `push`, `update` and `publish` do.
 * @throws SlackRefusal `invalid_arguments` with Slack's messages, or `view_too_large`.
 */
export function checkView(view: unknown, type: 'modal' | 'home'): Fields {
  if (!isFields(view))
    throw new SlackRefusal('invalid_arguments', messages(['[ERROR] missing required field: view']));
  if (JSON.stringify(view).length > VIEW_BYTES) throw new SlackRefusal('view_too_large');
  const problems = new Problems();
  if (view.type !== type) problems.add(`type must be ${type}`, '/view/type');
  if (!Array.isArray(view.blocks)) problems.add('missing required field: blocks', '/view');
  if (type === 'modal') {
    problems.textObject(view.title, 24, '/view/title', { plain: true, needed: true });
    problems.textObject(view.submit, 24, '/view/submit', { plain: true });
    problems.textObject(view.close, 24, '/view/close', { plain: true });
    const hasInput = asList(view.blocks).some((block) => block.type === 'input');
    if (hasInput && view.submit === undefined) problems.add('missing required field: submit', '/view');
  }
  problems.text(view.private_metadata, 3000, '/view/private_metadata');
  problems.text(view.callback_id, 255, '/view/callback_id');
  problems.text(view.external_id, 255, '/view/external_id');
  const all = [...problems.messages, ...blockProblems(view.blocks, type, '/view/blocks')];
  if (all.length > 0) throw new SlackRefusal('invalid_arguments', messages(all));
  return view;
}

function messages(all: readonly string[]) {
  return { response_metadata: { messages: all } };
}
