import { choose, click, type Stale, suggest, type Which } from './interactions/actions.ts';
import { runCommand, say } from './interactions/command.ts';
import { type GestureContext, type Outcome, personOf } from './interactions/context.ts';
import type { GivenValue } from './interactions/elements.ts';
import { closeModal, type ModalValues, submit } from './interactions/modals.ts';
import { openHome, runShortcut } from './interactions/others.ts';
import type { Fields, Message, MessageRef, ViewRef } from './types.ts';

/** Somebody's hands: everything a person can do in Slack's client. Each promise resolves at the bot's ack. */
export interface PersonDriver {
  /** Types `/command text` into a channel (`#name` or id). */
  command(command: string, text: string, channel: string): Promise<Outcome>;
  /** Writes an ordinary message. */
  say(channel: string, text: string, threadTs?: string): Message;
  /** Presses a button on a message, Home tab or modal; with `stale`, one that is not there any more. */
  click(on: MessageRef | ViewRef, which: Which, stale?: Stale): Promise<Outcome>;
  /** Chooses in a select, overflow menu, picker, checkboxes or radio buttons. */
  choose(on: MessageRef | ViewRef, which: Which, value: GivenValue): Promise<Outcome>;
  /** What an external select offers. */
  suggest(on: MessageRef | ViewRef, which: Which, typed: string): Promise<Fields[]>;
  /** Fills in the modal in front and submits it. */
  submit(view: ViewRef, values?: ModalValues): Promise<Outcome>;
  /** Closes the modal in front. */
  closeModal(): Promise<Outcome>;
  /** Opens the bot's Home tab. */
  openHome(): Promise<Outcome>;
  /** Runs a shortcut, on a message when one is given. */
  shortcut(callbackId: string, message?: MessageRef): Promise<Outcome>;
  /** Reloads the client: ephemeral messages and open modals are gone. */
  reload(): void;
}

/**
 * The hands of one person.
 * @throws ImpossibleGesture when there is nobody with this id.
 */
export function driverFor(context: GestureContext, userId: string): PersonDriver {
  const person = personOf(context.state, userId);
  return {
    command: (command, text, channel) => runCommand(context, person, command, text, channel),
    say: (channel, text, threadTs) => say(context, person, channel, text, threadTs),
    click: (on, which, stale) => click(context, person, on, which, stale),
    choose: (on, which, value) => choose(context, person, on, which, value),
    suggest: (on, which, typed) => suggest(context, person, on, which, typed),
    submit: (view, values) => submit(context, person, view, values),
    closeModal: () => closeModal(context, person),
    openHome: () => openHome(context, person),
    shortcut: (callbackId, message) => runShortcut(context, person, callbackId, message),
    reload: () => context.state.forgetOnReload(person.id),
  };
}
