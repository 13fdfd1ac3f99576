import { ImpossibleGesture, SlackRefusal } from '../errors.ts';
import { asList, isFields } from '../fields.ts';
import { options as checkOptions } from '../limits/elements.ts';
import { Problems } from '../limits/problems.ts';
import type { Block, Fields, MessageRef, Person, ViewRef } from '../types.ts';
import { deliver, envelope, type GestureContext, type Outcome } from './context.ts';
import { chosenValue, type GivenValue, interactiveElements, type PlacedElement, plain } from './elements.ts';
import { blocksOf, idOf, type Surface, surfaceFields, surfaceOf } from './surface.ts';

/** How a button or a menu is named: by action id, by its words, or by both ids. */
export type Which =
  | string
  | { readonly text: string }
  | { readonly actionId: string; readonly blockId?: string };

/** Presses a button as it once was, on a message that may have changed since. */
export interface Stale {
  readonly stale: true;
  readonly blocks: readonly Block[];
}

/**
 * Presses a button; a confirm dialog is answered with yes.
 * @throws ImpossibleGesture when there is no such button there now.
 */
export async function click(
  context: GestureContext,
  person: Person,
  ref: MessageRef | ViewRef,
  which: Which,
  stale?: Stale,
): Promise<Outcome> {
  const surface = surfaceOf(context, person, ref);
  const placed = findElement(stale?.blocks ?? blocksOf(surface), which, (each) => /button/.test(each.type));
  const { confirm: _confirm, accessibility_label: _label, ...button } = placed.element;
  return sendAction(context, person, surface, placed, button);
}

/**
 * Chooses in a select, an overflow menu, a picker, checkboxes or radio buttons, or types into an input.
 * @throws ImpossibleGesture when there is no such element or option there now.
 */
export async function choose(
  context: GestureContext,
  person: Person,
  ref: MessageRef | ViewRef,
  which: Which,
  given: GivenValue,
): Promise<Outcome> {
  const surface = surfaceOf(context, person, ref);
  const placed = findElement(blocksOf(surface), which, (each) => !/button$/.test(each.type));
  const offered = await offeredFor(context, person, surface, placed, given);
  const value = chosenValue(placed, given, offered);
  context.chosen.set(person.id, idOf(surface), placed, value);
  const isSilent = placed.block.type === 'input' && placed.block.dispatch_action !== true;
  if (isSilent) return { ack: { ok: true } };
  return sendAction(context, person, surface, placed, value);
}

/**
 * Asks the bot what an external select offers for some typed letters.
 * @throws ImpossibleGesture when there is no such select; SlackRefusal when the bot's answer is not one.
 */
export async function suggest(
  context: GestureContext,
  person: Person,
  ref: MessageRef | ViewRef,
  which: Which,
  typed: string,
): Promise<Fields[]> {
  const surface = surfaceOf(context, person, ref);
  const placed = findElement(blocksOf(surface), which, (each) => each.type.includes('external_select'));
  return askForOptions(context, person, surface, placed, typed);
}

function findElement(
  blocks: readonly Block[],
  which: Which,
  fits: (placed: PlacedElement) => boolean,
): PlacedElement {
  const all = interactiveElements(blocks).filter(fits);
  const found = all.find((each) => {
    if (typeof which === 'string') return each.actionId === which;
    if ('text' in which) return plain(each.element.text) === which.text;
    return (
      each.actionId === which.actionId && (which.blockId === undefined || each.blockId === which.blockId)
    );
  });
  if (found !== undefined) return found;
  const wanted = typeof which === 'string' ? which : 'text' in which ? which.text : which.actionId;
  const there = all.map((each) => plain(each.element.text) || each.actionId).join(', ');
  throw new ImpossibleGesture(
    `There is no "${wanted}" to press or choose here; there is: ${there || 'nothing'}.`,
  );
}

function sendAction(
  context: GestureContext,
  person: Person,
  surface: Surface,
  placed: PlacedElement,
  value: Fields,
): Promise<Outcome> {
  const { state } = context;
  const action = {
    ...value,
    type: placed.type,
    action_id: placed.actionId,
    block_id: placed.blockId,
    action_ts: state.clock.next(),
  };
  const from = surface.kind === 'view' ? { view: surface.view.id } : {};
  return deliver(context, 'interactive', {
    type: 'block_actions',
    ...envelope(person, context),
    trigger_id: context.triggers.mint({ user: person.id, ...from }),
    ...surfaceFields(context, person, surface),
    ...responseUrl(context, person, surface),
    actions: [action],
  });
}

function responseUrl(context: GestureContext, person: Person, surface: Surface): Fields {
  if (surface.kind === 'view') return {};
  const { channel, ts, thread_ts } = surface.message;
  const thread = thread_ts === undefined ? {} : { threadTs: thread_ts };
  const path = context.responseUrls.mint({ user: person.id, channel, message: { channel, ts }, ...thread });
  return { response_url: `${context.baseUrl}${path}` };
}

async function offeredFor(
  context: GestureContext,
  person: Person,
  surface: Surface,
  placed: PlacedElement,
  given: GivenValue,
): Promise<Fields[]> {
  if (!placed.type.includes('external_select') || given === null) return [];
  const wanted = typeof given === 'string' ? [given] : given;
  const offered = await Promise.all(
    wanted.map((each) => askForOptions(context, person, surface, placed, each)),
  );
  return offered.flat();
}

async function askForOptions(
  context: GestureContext,
  person: Person,
  surface: Surface,
  placed: PlacedElement,
  typed: string,
): Promise<Fields[]> {
  const outcome = await deliver(context, 'interactive', {
    type: 'block_suggestion',
    ...envelope(person, context),
    action_id: placed.actionId,
    block_id: placed.blockId,
    value: typed,
    ...surfaceFields(context, person, surface),
  });
  if (!outcome.ack.ok) throw new ImpossibleGesture(outcome.error ?? 'The bot gave no options.');
  const body = isFields(outcome.ack.body) ? outcome.ack.body : {};
  const problems = new Problems();
  const groups = asList(body.option_groups);
  const lists = groups.length > 0 ? groups.map((group) => group.options) : [body.options];
  for (const list of lists) checkOptions(list, 0, 100, '/options', problems);
  if (problems.messages.length > 0) {
    throw new SlackRefusal('invalid_options', { response_metadata: { messages: problems.messages } });
  }
  return lists.flatMap(asList);
}
