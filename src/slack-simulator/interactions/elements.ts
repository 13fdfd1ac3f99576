import { ImpossibleGesture } from '../errors.ts';
import { asFields, asList, isFields, text } from '../fields.ts';
import type { Block, Fields } from '../types.ts';

/** What a person puts into an element: the text typed, or the value or text of what is chosen. */
export type GivenValue = string | readonly string[] | null;

/** An interactive element and where it stands. */
export interface PlacedElement {
  readonly block: Block;
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  readonly element: Fields;
}

/** All interactive elements of some blocks, from top to bottom. */
export function interactiveElements(blocks: readonly Block[]): PlacedElement[] {
  return blocks.flatMap((block) => {
    const inside = [...asList(block.elements), ...asList(block.actions), block.accessory, block.element];
    return inside
      .filter(isFields)
      .filter((element) => typeof element.action_id === 'string')
      .map((element) => ({
        block,
        blockId: block.block_id ?? '',
        actionId: String(element.action_id),
        type: String(element.type),
        element,
      }));
  });
}

/** Text of a text object. */
export function plain(value: unknown): string {
  return text(asFields(value), 'text') ?? '';
}

/** All options of a select, of its groups too. */
export function optionsOf(element: Fields): Fields[] {
  return [
    ...asList(element.options),
    ...asList(element.option_groups).flatMap((group) => asList(group.options)),
  ];
}

const SINGLE: Readonly<Record<string, string>> = {
  users_select: 'selected_user',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
};
const MULTIPLE: Readonly<Record<string, string>> = {
  multi_users_select: 'selected_users',
  multi_conversations_select: 'selected_conversations',
  multi_channels_select: 'selected_channels',
};
const INITIAL: Readonly<Record<string, string>> = {
  selected_user: 'initial_user',
  selected_conversation: 'initial_conversation',
  selected_channel: 'initial_channel',
  selected_date: 'initial_date',
  selected_time: 'initial_time',
  selected_users: 'initial_users',
  selected_conversations: 'initial_conversations',
  selected_channels: 'initial_channels',
};
const ONE_OPTION = new Set(['static_select', 'external_select', 'radio_buttons', 'overflow']);
const MANY_OPTIONS = new Set(['multi_static_select', 'multi_external_select', 'checkboxes']);

/** The value of an element before anybody touched it; undefined for those that have none. */
export function initialValue({ type, element }: PlacedElement): Fields | undefined {
  if (type.endsWith('_input')) return { type, value: element.initial_value ?? null };
  if (type === 'overflow') return undefined;
  if (ONE_OPTION.has(type)) return { type, selected_option: element.initial_option ?? null };
  if (MANY_OPTIONS.has(type)) return { type, selected_options: element.initial_options ?? [] };
  if (type === 'datetimepicker') return { type, selected_date_time: element.initial_date_time ?? null };
  const single = SINGLE[type];
  if (single !== undefined) return { type, [single]: element[INITIAL[single] ?? ''] ?? null };
  const multiple = MULTIPLE[type];
  if (multiple !== undefined) return { type, [multiple]: element[INITIAL[multiple] ?? ''] ?? [] };
  return undefined;
}

/**
 * The value of an element after a person put something in.
 * @param offered options that a block_suggestion was answered with, for external selects.
 * @throws ImpossibleGesture when there is no such option.
 */
export function chosenValue(
  placed: PlacedElement,
  given: GivenValue,
  offered: readonly Fields[] = [],
): Fields {
  const { type, element } = placed;
  const many = given === null ? [] : typeof given === 'string' ? [given] : given;
  const one = many[0] ?? null;
  if (type.endsWith('_input')) return { type, value: one === '' ? null : one };
  if (type === 'datetimepicker') return { type, selected_date_time: one === null ? null : Number(one) };
  const single = SINGLE[type];
  if (single !== undefined) return { type, [single]: one };
  const multiple = MULTIPLE[type];
  if (multiple !== undefined) return { type, [multiple]: many };
  const options = [...optionsOf(element), ...offered];
  const pick = (wanted: string) => {
    const found =
      options.find((option) => option.value === wanted) ??
      options.find((option) => plain(option.text) === wanted);
    if (found !== undefined) return found;
    const there = options.map((option) => plain(option.text)).join(', ');
    throw new ImpossibleGesture(
      `There is no option "${wanted}" in ${placed.actionId}; there are: ${there || 'none'}.`,
    );
  };
  if (ONE_OPTION.has(type)) return { type, selected_option: one === null ? null : pick(one) };
  if (MANY_OPTIONS.has(type)) return { type, selected_options: many.map(pick) };
  throw new ImpossibleGesture(`Nothing can be put into ${placed.actionId}, which is a ${type}.`);
}

/** Whether an input has nothing in it. */
export function isEmptyValue(value: Fields | undefined): boolean {
  const { type: _type, ...rest } = value ?? {};
  return Object.values(rest).every((each) => each === null || (Array.isArray(each) && each.length === 0));
}
