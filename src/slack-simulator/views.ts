import { SlackRefusal } from './errors.ts';
import { flag, text } from './fields.ts';
import { shortId, slackId } from './ids.ts';
import { withIds } from './limits/messages.ts';
import { checkView } from './limits/views.ts';
import type { WorkspaceState } from './state.ts';
import type { Block, Fields, View } from './types.ts';

const STACK_LIMIT = 3;

/** The modals and Home tabs that people have open. */
export class Views {
  readonly #state: WorkspaceState;

  constructor(state: WorkspaceState) {
    this.#state = state;
  }

  /** The modals of a person, the one in front last. */
  stack(user: string): readonly View[] {
    return this.#state.modals.get(user) ?? [];
  }

  /** An open modal or Home tab by its id. */
  byId(id: string): View | undefined {
    const open = [...[...this.#state.modals.values()].flat(), ...this.#state.homes.values()];
    return open.find((view) => view.id === id);
  }

  /** Opens a modal as the only one. */
  open(user: string, given: unknown): View {
    const view = this.#make(user, checkView(given, 'modal'), []);
    this.#setStack(user, [view]);
    return view;
  }

  /**
   * Puts a modal on top of the others.
   * @throws SlackRefusal `push_limit_reached` above three.
   */
  push(user: string, given: unknown): View {
    const below = this.stack(user);
    if (below.length === 0) throw new SlackRefusal('invalid_trigger_id');
    if (below.length >= STACK_LIMIT) throw new SlackRefusal('push_limit_reached');
    const view = this.#make(user, checkView(given, 'modal'), below);
    this.#setStack(user, [...below, view]);
    return view;
  }

  /**
   * Changes an open view, by `view_id` or `external_id`.
   * @throws SlackRefusal `not_found` when it is not open any more, `hash_conflict` when it was changed meanwhile.
   */
  update(args: Fields, given: unknown): View {
    const id = text(args, 'view_id');
    const externalId = text(args, 'external_id');
    const open = [...[...this.#state.modals.values()].flat(), ...this.#state.homes.values()];
    const old = open.find((view) =>
      id === undefined ? externalId !== undefined && view.external_id === externalId : view.id === id,
    );
    if (old === undefined) throw new SlackRefusal('not_found');
    this.#checkHash(args, old);
    return this.replace(old, given);
  }

  /** Puts other content in the place of an open view, under the same id. */
  replace(old: View, given: unknown): View {
    const fields = checkView(given, old.type);
    const view = { ...this.#fields(old.user, fields), id: old.id, ...pick(old) };
    this.put(view);
    return view;
  }

  /**
   * Shows a person their Home tab.
   * @throws SlackRefusal `hash_conflict`.
   */
  publish(user: string, args: Fields, given: unknown): View {
    const fields = checkView(given, 'home');
    const old = this.#state.homes.get(user);
    if (old !== undefined) this.#checkHash(args, old);
    const id = old?.id ?? slackId('V');
    const view = { ...this.#fields(user, fields), id, root_view_id: id, previous_view_id: null };
    this.put(view);
    return view;
  }

  /** Keeps a changed view where it stands. */
  put(view: View): void {
    if (view.type === 'home') {
      this.#state.homes.set(view.user, view);
      this.#state.changed({ kind: 'view', user: view.user });
    } else {
      this.#setStack(
        view.user,
        this.stack(view.user).map((each) => (each.id === view.id ? view : each)),
      );
    }
  }

  /** Takes the modal in front away, or all of them. */
  close(user: string, all: boolean): void {
    this.#setStack(user, all ? [] : this.stack(user).slice(0, -1));
  }

  #setStack(user: string, stack: readonly View[]): void {
    this.#state.modals.set(user, [...stack]);
    this.#state.changed({ kind: 'view', user });
  }

  #checkHash(args: Fields, old: View): void {
    const hash = text(args, 'hash');
    if (hash !== undefined && hash !== old.hash) throw new SlackRefusal('hash_conflict');
  }

  #make(user: string, fields: Fields, below: readonly View[]): View {
    const id = slackId('V');
    return {
      ...this.#fields(user, fields),
      id,
      root_view_id: below[0]?.id ?? id,
      previous_view_id: below.at(-1)?.id ?? null,
    };
  }

  #fields(user: string, fields: Fields): Omit<View, 'id' | 'root_view_id' | 'previous_view_id'> {
    const { title, submit, close } = fields;
    return {
      type: fields.type === 'home' ? 'home' : 'modal',
      user,
      hash: `${Math.floor(this.#state.now() / 1000)}.${shortId()}`,
      // checkView went over every block.
      blocks: withIds(fields.blocks as Block[]),
      callback_id: text(fields, 'callback_id') ?? '',
      external_id: text(fields, 'external_id') ?? '',
      private_metadata: text(fields, 'private_metadata') ?? '',
      clear_on_close: flag(fields, 'clear_on_close'),
      notify_on_close: flag(fields, 'notify_on_close'),
      ...(title === undefined ? {} : { title: title as Fields }),
      ...(submit === undefined ? {} : { submit: submit as Fields }),
      ...(close === undefined ? {} : { close: close as Fields }),
    };
  }
}

function pick(view: View): Pick<View, 'root_view_id' | 'previous_view_id'> {
  return { root_view_id: view.root_view_id, previous_view_id: view.previous_view_id };
}
