import { z } from 'zod';
import type { PersonDriver } from './driver.ts';
import { ImpossibleGesture, SlackRefusal } from './errors.ts';
import type { Stale } from './interactions/actions.ts';
import type { SlackSimulatorOptions } from './options.ts';

const given = z.union([z.string(), z.array(z.string()), z.null()]);
const message = z.strictObject({ channel: z.string(), ts: z.string() });
const on = z.union([message, z.strictObject({ id: z.string() })]);
const element = z.strictObject({ actionId: z.string(), blockId: z.string() });
/** The button as the page drew it: its message may have changed before the press arrives, as a client's in Slack. */
const shown = z.looseObject({ type: z.literal('button'), action_id: z.string() });
const as = z.string();

const gestures = z.discriminatedUnion('gesture', [
  z.strictObject({
    gesture: z.literal('command'),
    as,
    command: z.string(),
    text: z.string(),
    channel: z.string(),
  }),
  z.strictObject({
    gesture: z.literal('say'),
    as,
    channel: z.string(),
    text: z.string().min(1),
    threadTs: z.string().optional(),
  }),
  z.strictObject({ gesture: z.literal('click'), as, on, element, shown: shown.optional() }),
  z.strictObject({ gesture: z.literal('choose'), as, on, element, value: given }),
  z.strictObject({ gesture: z.literal('suggest'), as, on, element, typed: z.string() }),
  z.strictObject({
    gesture: z.literal('submit'),
    as,
    view: z.string(),
    values: z.record(z.string(), z.record(z.string(), given)),
  }),
  z.strictObject({ gesture: z.literal('closeModal'), as }),
  z.strictObject({ gesture: z.literal('openHome'), as }),
  z.strictObject({ gesture: z.literal('shortcut'), as, callbackId: z.string(), message: message.optional() }),
]);

type Gesture = z.infer<typeof gestures>;

/** What the page gets back: always a result or a sentence. */
export type PageReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string };

/** Does what a person did on the page. */
export async function actFromPage(body: unknown, as: (userId: string) => PersonDriver): Promise<PageReply> {
  const gesture = gestures.safeParse(body);
  if (!gesture.success)
    return { ok: false, error: `The page asked for something unknown: ${z.prettifyError(gesture.error)}` };
  try {
    return { ok: true, result: await perform(gesture.data, as(gesture.data.as)) };
  } catch (error) {
    if (error instanceof ImpossibleGesture || error instanceof SlackRefusal)
      return { ok: false, error: error.message };
    throw error;
  }
}

/** Runs one of the panel's actions. */
export async function runPanelAction(id: string, options: SlackSimulatorOptions): Promise<PageReply> {
  const action = options.panel?.actions.find((each) => each.id === id);
  if (action === undefined) return { ok: false, error: `The panel has no action "${id}".` };
  try {
    return { ok: true, result: await action.run() };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function perform(gesture: Gesture, hands: PersonDriver): Promise<unknown> | unknown {
  switch (gesture.gesture) {
    case 'command':
      return hands.command(gesture.command, gesture.text, gesture.channel);
    case 'say':
      return hands.say(gesture.channel, gesture.text, gesture.threadTs);
    case 'click':
      return hands.click(gesture.on, gesture.element, asShown(gesture));
    case 'choose':
      return hands.choose(gesture.on, gesture.element, gesture.value);
    case 'suggest':
      return hands.suggest(gesture.on, gesture.element, gesture.typed);
    case 'submit':
      return hands.submit({ id: gesture.view }, gesture.values);
    case 'closeModal':
      return hands.closeModal();
    case 'openHome':
      return hands.openHome();
    case 'shortcut':
      return hands.shortcut(gesture.callbackId, gesture.message);
  }
}

/** Presses the button that was shown. In a form the press has to fit what the form is now. */
function asShown({ on, element, shown }: Extract<Gesture, { gesture: 'click' }>): Stale | undefined {
  if (shown === undefined || !('ts' in on)) return undefined;
  return { stale: true, blocks: [{ type: 'actions', block_id: element.blockId, elements: [shown] }] };
}
