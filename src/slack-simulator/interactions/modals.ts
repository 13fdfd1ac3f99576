import { ImpossibleGesture, SlackRefusal } from '../errors.ts';
import { asFields, isFields } from '../fields.ts';
import type { Fields, Person, View, ViewRef } from '../types.ts';
import { wireView } from '../wire.ts';
import { deliver, envelope, type GestureContext, type Outcome } from './context.ts';
import {
  chosenValue,
  type GivenValue,
  interactiveElements,
  isEmptyValue,
  type PlacedElement,
} from './elements.ts';

/** What is typed into a modal: by action id, or by block id and then action id. */
export type ModalValues = Readonly<Record<string, GivenValue | Readonly<Record<string, GivenValue>>>>;

const TROUBLE = 'We had some trouble connecting. Try again?';

/**
 * Fills in a modal and presses its submit button.
 * @throws ImpossibleGesture when it is not open, or a value is for no input of it.
 */
export async function submit(
  context: GestureContext,
  person: Person,
  ref: ViewRef,
  values: ModalValues = {},
): Promise<Outcome> {
  const view = context.views.stack(person.id).at(-1);
  if (view === undefined || view.id !== ref.id) {
    throw new ImpossibleGesture(`${person.name} has no modal ${ref.id} in front, so nothing was submitted.`);
  }
  fillIn(context, person, view, values);
  const missing = unfilled(context, person, view);
  if (Object.keys(missing).length > 0) return refused(context, view, missing, { ok: true });
  const outcome = await deliver(context, 'interactive', {
    type: 'view_submission',
    ...envelope(person, context),
    trigger_id: context.triggers.mint({ user: person.id, view: view.id }),
    view: wireView(view, context.state, context.chosen.all(person.id, view.id, view.blocks)),
    response_urls: [],
  });
  if (!outcome.ack.ok)
    return { ...outcome, error: `${TROUBLE} ("${outcome.ack.error}": ${outcome.ack.detail})` };
  return afterSubmit(context, view, outcome);
}

/** Closes the modal in front without submitting it, as the close button does. */
export async function closeModal(context: GestureContext, person: Person): Promise<Outcome> {
  const view = context.views.stack(person.id).at(-1);
  if (view === undefined) throw new ImpossibleGesture(`${person.name} has no modal open.`);
  context.views.close(person.id, view.clear_on_close);
  if (!view.notify_on_close) return { ack: { ok: true } };
  return deliver(context, 'interactive', {
    type: 'view_closed',
    ...envelope(person, context),
    view: wireView(view, context.state, context.chosen.all(person.id, view.id, view.blocks)),
    is_cleared: view.clear_on_close,
  });
}

function fillIn(context: GestureContext, person: Person, view: View, values: ModalValues): void {
  const elements = interactiveElements(view.blocks);
  const put = (given: GivenValue, fits: (placed: PlacedElement) => boolean, name: string) => {
    const placed = elements.find(fits);
    if (placed === undefined)
      throw new ImpossibleGesture(`The modal has no input "${name}"; nothing was submitted.`);
    const kept = context.chosen.get(person.id, view.id, placed);
    const external = placed.type.includes('external') ? keptOptions(kept) : [];
    context.chosen.set(person.id, view.id, placed, chosenValue(placed, given, external));
  };
  for (const [name, given] of Object.entries(values)) {
    if (given === null || typeof given === 'string' || isGivenList(given)) {
      put(given, (placed) => placed.actionId === name, name);
      continue;
    }
    for (const [actionId, inner] of Object.entries(given)) {
      const name2 = `${name}/${actionId}`;
      put(inner, (placed) => placed.blockId === name && placed.actionId === actionId, name2);
    }
  }
}

function unfilled(context: GestureContext, person: Person, view: View): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const placed of interactiveElements(view.blocks)) {
    if (placed.block.type !== 'input') continue;
    const value = context.chosen.get(person.id, view.id, placed);
    if (isEmptyValue(value)) {
      if (placed.block.optional !== true) errors[placed.blockId] = 'Please complete this required field.';
      continue;
    }
    const typed = asFields(value).value;
    const { min_length: min, max_length: max } = placed.element;
    if (typeof typed !== 'string') continue;
    if (typeof max === 'number' && typed.length > max)
      errors[placed.blockId] = `Must be at most ${max} characters.`;
    if (typeof min === 'number' && typed.length < min)
      errors[placed.blockId] = `Must be at least ${min} characters.`;
  }
  return errors;
}

function afterSubmit(context: GestureContext, view: View, outcome: Outcome): Outcome {
  const body = outcome.ack.ok && isFields(outcome.ack.body) ? outcome.ack.body : {};
  const front = context.views.stack(view.user).at(-1);
  try {
    if (body.response_action === undefined) {
      if (front?.id === view.id) context.views.close(view.user, false);
    } else if (body.response_action === 'clear') context.views.close(view.user, true);
    else if (body.response_action === 'update') context.views.replace(view, body.view);
    else if (body.response_action === 'push') context.views.push(view.user, body.view);
    else if (body.response_action === 'errors')
      return refusedByBot(context, view, asFields(body.errors), outcome);
    else throw new SlackRefusal('invalid_response_action');
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return { ...outcome, error: `${TROUBLE} (The bot's answer was refused: ${error.code}.)` };
  }
  return outcome;
}

function refusedByBot(context: GestureContext, view: View, given: Fields, outcome: Outcome): Outcome {
  const known = new Set(view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id));
  const entries = Object.entries(given).map(([id, words]): [string, string] => [id, String(words)]);
  if (entries.length === 0 || entries.some(([id]) => !known.has(id))) {
    throw new SlackRefusal('invalid_errors_block_id');
  }
  return refused(context, view, Object.fromEntries(entries), outcome.ack);
}

function refused(
  context: GestureContext,
  view: View,
  errors: Record<string, string>,
  ack: Outcome['ack'],
): Outcome {
  context.views.put({ ...view, errors });
  return { ack, errors, error: Object.values(errors).join(' ') };
}

function keptOptions(value: Fields | undefined): Fields[] {
  const { selected_option: one, selected_options: many } = asFields(value);
  return [...(isFields(one) ? [one] : []), ...(Array.isArray(many) ? many.filter(isFields) : [])];
}

function isGivenList(given: GivenValue | Readonly<Record<string, GivenValue>>): given is readonly string[] {
  return Array.isArray(given);
}
