import { isFields } from '../fields.ts';
import type { Fields } from '../types.ts';
import { checkElement } from './elements.ts';
import { Problems } from './problems.ts';

/** Where blocks are shown. */
export type Surface = 'message' | 'modal' | 'home';

/** All blocks of a message together, as JSON; Slack does not document it and refuses above it. */
export const BLOCKS_SUM_LIMIT = 13_200;

type Check = (block: Fields, at: string, problems: Problems) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  section(block, at, problems) {
    if (block.text === undefined && block.fields === undefined)
      problems.add('missing required field: text', at);
    problems.textObject(block.text, 3000, `${at}/text`);
    if (block.fields !== undefined) {
      for (const field of problems.list(block.fields, 1, 10, `${at}/fields`)) {
        problems.textObject(field.item, 2000, field.at, { needed: true });
      }
    }
    if (isFields(block.accessory)) checkElement(block.accessory, 'accessory', `${at}/accessory`, problems);
  },
  header: (block, at, problems) =>
    problems.textObject(block.text, 150, `${at}/text`, { plain: true, needed: true }),
  divider: () => {},
  image(block, at, problems) {
    problems.text(block.alt_text, 2000, `${at}/alt_text`, true);
    problems.text(block.image_url, 3000, `${at}/image_url`, block.slack_file === undefined);
    problems.textObject(block.title, 2000, `${at}/title`, { plain: true });
  },
  actions(block, at, problems) {
    const elements = problems.list(block.elements, 1, 25, `${at}/elements`);
    for (const element of elements) checkElement(element.item, 'actions', element.at, problems);
    problems.unique(
      elements.map(({ item, at: pointer }) => ({ id: item.action_id, at: `${pointer}/action_id` })),
      'action_id',
    );
  },
  context(block, at, problems) {
    for (const element of problems.list(block.elements, 1, 10, `${at}/elements`)) {
      if (element.item.type === 'image') checkElement(element.item, 'accessory', element.at, problems);
      else problems.textObject(element.item, 2000, element.at, { needed: true });
    }
  },
  input(block, at, problems) {
    problems.textObject(block.label, 2000, `${at}/label`, { plain: true, needed: true });
    problems.textObject(block.hint, 2000, `${at}/hint`, { plain: true });
    if (isFields(block.element)) checkElement(block.element, 'input', `${at}/element`, problems);
    else problems.add('missing required field', `${at}/element`);
  },
  markdown: (block, at, problems) => problems.text(block.text, 12_000, `${at}/text`, true),
  rich_text: (block, at, problems) => void problems.list(block.elements, 1, 1000, `${at}/elements`),
  table(block, at, problems) {
    for (const row of Array.isArray(block.rows) ? block.rows.entries() : []) {
      if (Array.isArray(row[1]) && row[1].length > 20)
        problems.add('no more than 20 items allowed', `${at}/rows/${row[0]}`);
    }
    if (!Array.isArray(block.rows)) problems.add('missing required field', `${at}/rows`);
    else if (block.rows.length > 100) problems.add('no more than 100 items allowed', `${at}/rows`);
  },
  file: () => {},
  video: () => {},
  context_actions(block, at, problems) {
    for (const element of problems.list(block.elements, 1, 5, `${at}/elements`)) {
      checkElement(element.item, 'context_actions', element.at, problems);
    }
  },
  plan(block, at, problems) {
    problems.text(block.title, 2000, `${at}/title`, true);
    for (const task of problems.list(block.tasks, 0, 50, `${at}/tasks`))
      taskCard(task.item, task.at, problems);
  },
  task_card: taskCard,
  card(block, at, problems) {
    problems.textObject(block.title, 150, `${at}/title`);
    problems.textObject(block.subtitle, 150, `${at}/subtitle`);
    problems.textObject(block.body, 200, `${at}/body`);
    for (const action of problems.list(block.actions, 0, 3, `${at}/actions`)) {
      checkElement(action.item, 'actions', action.at, problems);
    }
  },
  carousel: (block, at, problems) => void problems.list(block.elements, 1, 10, `${at}/elements`),
  alert: (block, at, problems) => problems.textObject(block.text, 200, `${at}/text`, { needed: true }),
  container: (block, at, problems) =>
    void problems.list(block.child_blocks ?? block.blocks, 1, 10, `${at}/child_blocks`),
  data_table: () => {},
};

/** Checks the blocks of a message or a view; gives Slack's sentences, none when all is well. */
export function blockProblems(blocks: unknown, surface: Surface, pointer = '/blocks'): string[] {
  const problems = new Problems();
  const all = problems.list(blocks, 0, surface === 'message' ? 50 : 100, pointer);
  for (const { item, at } of all) {
    const type = String(item.type);
    const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
    const isElsewhere = type === 'alert' && surface !== 'modal';
    if (check === undefined || isElsewhere) problems.add(`unsupported type: ${type}`, `${at}/type`);
    else check(item, at, problems);
    problems.text(item.block_id, 255, `${at}/block_id`);
  }
  problems.unique(
    all.map(({ item, at }) => ({ id: item.block_id, at: `${at}/block_id` })),
    'block_id',
  );
  if (surface === 'message' && all.filter(({ item }) => item.type === 'table').length > 1) {
    problems.add('only one table is allowed', pointer);
  }
  return problems.messages;
}

function taskCard(block: Fields, at: string, problems: Problems): void {
  problems.text(block.task_id, 255, `${at}/task_id`, true);
  problems.text(block.title, 2000, `${at}/title`, true);
  if (
    block.status !== undefined &&
    !['pending', 'in_progress', 'complete', 'error'].includes(String(block.status))
  ) {
    problems.add('status must be pending, in_progress, complete or error', `${at}/status`);
  }
}
