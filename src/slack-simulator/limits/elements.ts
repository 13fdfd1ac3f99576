import { isFields } from '../fields.ts';
import type { Fields } from '../types.ts';
import type { Problems } from './problems.ts';

const ID = 255;
const PLACEHOLDER = 150;

type Check = (element: Fields, at: string, problems: Problems) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  button(element, at, problems) {
    problems.textObject(element.text, 75, `${at}/text`, { plain: true, needed: true });
    problems.text(element.value, 2000, `${at}/value`);
    problems.text(element.url, 3000, `${at}/url`);
    problems.text(element.accessibility_label, 75, `${at}/accessibility_label`);
    if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
      problems.add('style must be primary or danger', `${at}/style`);
    }
  },
  static_select: select,
  multi_static_select: select,
  external_select: placeholder,
  multi_external_select: placeholder,
  users_select: placeholder,
  multi_users_select: placeholder,
  conversations_select: placeholder,
  multi_conversations_select: placeholder,
  channels_select: placeholder,
  multi_channels_select: placeholder,
  overflow: (element, at, problems) => options(element.options, 1, 5, `${at}/options`, problems),
  checkboxes: (element, at, problems) => options(element.options, 1, 10, `${at}/options`, problems),
  radio_buttons: (element, at, problems) => options(element.options, 1, 10, `${at}/options`, problems),
  plain_text_input(element, at, problems) {
    placeholder(element, at, problems);
    problems.text(element.initial_value, 3000, `${at}/initial_value`);
    if (typeof element.max_length === 'number' && element.max_length > 3000) {
      problems.add('must be at most 3000', `${at}/max_length`);
    }
  },
  number_input(element, at, problems) {
    placeholder(element, at, problems);
    if (typeof element.is_decimal_allowed !== 'boolean') {
      problems.add('missing required field', `${at}/is_decimal_allowed`);
    }
  },
  email_text_input: placeholder,
  url_text_input: placeholder,
  rich_text_input: placeholder,
  file_input: () => {},
  datepicker: placeholder,
  timepicker: placeholder,
  datetimepicker: () => {},
  image(element, at, problems) {
    problems.text(element.alt_text, 2000, `${at}/alt_text`, true);
    problems.text(element.image_url, 3000, `${at}/image_url`, element.slack_file === undefined);
  },
  workflow_button: () => {},
  feedback_buttons: () => {},
  icon_button: () => {},
};

const INPUTS = new Set(
  Object.keys(CHECKS).filter((type) => /input|select|picker|checkboxes|radio/.test(type)),
);
const NOT_IN_ACTIONS = new Set(
  Object.keys(CHECKS).filter(
    (type) => type === 'image' || (type.endsWith('_input') && type !== 'rich_text_input'),
  ),
);

/** Where an element stands decides which ones may. */
export type Place = 'actions' | 'accessory' | 'input' | 'context_actions';

/** Checks one interactive element with Slack's limits. */
export function checkElement(element: Fields, place: Place, at: string, problems: Problems): void {
  const type = String(element.type);
  const check = Object.hasOwn(CHECKS, type) ? CHECKS[type] : undefined;
  const fits =
    place === 'input'
      ? INPUTS.has(type)
      : place === 'actions'
        ? !NOT_IN_ACTIONS.has(type)
        : type !== 'file_input';
  if (check === undefined || !fits) {
    problems.add(`unsupported type: ${type}`, `${at}/type`);
    return;
  }
  problems.text(element.action_id, ID, `${at}/action_id`);
  check(element, at, problems);
  checkConfirm(element.confirm, `${at}/confirm`, problems);
}

function placeholder(element: Fields, at: string, problems: Problems): void {
  problems.textObject(element.placeholder, PLACEHOLDER, `${at}/placeholder`, { plain: true });
}

function select(element: Fields, at: string, problems: Problems): void {
  placeholder(element, at, problems);
  if (element.option_groups === undefined) {
    options(element.options, 1, 100, `${at}/options`, problems);
    return;
  }
  for (const group of problems.list(element.option_groups, 1, 100, `${at}/option_groups`)) {
    problems.textObject(group.item.label, 75, `${group.at}/label`, { plain: true, needed: true });
    options(group.item.options, 1, 100, `${group.at}/options`, problems);
  }
}

/** Checks the options of a select, also those that a block_suggestion was answered with. */
export function options(value: unknown, min: number, max: number, at: string, problems: Problems): void {
  for (const option of problems.list(value, min, max, at)) {
    problems.textObject(option.item.text, 75, `${option.at}/text`, { needed: true });
    problems.text(option.item.value, 150, `${option.at}/value`, true);
    problems.textObject(option.item.description, 75, `${option.at}/description`);
  }
}

function checkConfirm(confirm: unknown, at: string, problems: Problems): void {
  if (confirm === undefined) return;
  if (!isFields(confirm)) {
    problems.add('must be a confirm object', at);
    return;
  }
  problems.textObject(confirm.title, 100, `${at}/title`, { plain: true, needed: true });
  problems.textObject(confirm.text, 300, `${at}/text`, { needed: true });
  problems.textObject(confirm.confirm, 30, `${at}/confirm`, { plain: true });
  problems.textObject(confirm.deny, 30, `${at}/deny`, { plain: true });
}
