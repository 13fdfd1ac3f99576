import type { Outcome } from '../interactions/context.ts';
import type { PanelState } from '../options.ts';
import type {
  EphemeralMessage,
  Installation,
  KnownCommand,
  KnownShortcut,
  Message,
  MessageRef,
  Person,
  View,
} from '../types.ts';

/** A channel as the page is told of it. */
export interface PageChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'channel' | 'im';
  readonly topic: string;
  readonly isArchived: boolean;
  readonly members: readonly string[];
}

/** What one person has open. */
export interface PersonViews {
  readonly modals: readonly View[];
  readonly home: View | null;
}

/** All that the page shows; the server sends it first. */
export interface Snapshot {
  readonly installation: Installation;
  readonly people: readonly Person[];
  readonly userGroups: readonly { readonly id: string; readonly name: string }[];
  readonly commands: readonly KnownCommand[];
  readonly shortcuts: readonly KnownShortcut[];
  readonly channels: readonly PageChannel[];
  readonly messages: readonly Message[];
  readonly ephemerals: Readonly<Record<string, readonly EphemeralMessage[]>>;
  readonly views: Readonly<Record<string, PersonViews>>;
  readonly panel: {
    readonly actions: readonly { readonly id: string; readonly label: string }[];
    readonly state: PanelState;
  } | null;
}

/** What the server sends after that. */
export type PageChange =
  | (MessageRef & { readonly kind: 'message'; readonly message: Message | null })
  | { readonly kind: 'ephemeral'; readonly user: string; readonly ephemerals: readonly EphemeralMessage[] }
  | { readonly kind: 'view'; readonly user: string; readonly views: PersonViews }
  | { readonly kind: 'channel'; readonly channels: readonly PageChannel[] };

/** An answer of the page's own API. */
export type Reply<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly error: string };

/** Posts to the page's own API; what goes wrong comes back in words. */
export async function post<T>(path: string, body: unknown): Promise<Reply<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    // The server is ours and of the same version.
    return (await response.json()) as Reply<T>;
  } catch {
    return { ok: false, error: 'The simulator does not answer. Is it still running?' };
  }
}

/** Does something as somebody. */
export function act(gesture: Readonly<Record<string, unknown>>): Promise<Reply<Outcome>> {
  return post<Outcome>('/page/act', gesture);
}
