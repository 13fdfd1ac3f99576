import type { Block as DrawnBlock } from 'slack-blocks-to-jsx';

/** What the server sends to the page. */
export interface Person {
  id: string;
  name: string;
  realName?: string;
}

export interface Channel {
  id: string;
  name: string;
  topic?: string;
  kind: string;
  members: string[];
}

export interface SlackMessage {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks?: DrawnBlock[];
  thread_ts?: string;
  subtype?: string;
  is_ephemeral?: boolean;
}

export interface SlackView {
  id: string;
  title?: { text: string };
  submit?: { text: string };
  close?: { text: string };
  blocks: DrawnBlock[];
  errors?: Record<string, string>;
}

export interface PanelState {
  title: string;
  urls: { label: string; url: string }[];
  traffic: {
    perSecond: { at: number; byVersion: Record<string, number>; failed: number }[];
    sent: number;
    failed: number;
  };
  notes: string[];
  processes?: string[];
}

export interface Snapshot {
  installation: { botUserId: string; botName: string; teamName: string };
  people: Person[];
  commands: { command: string; description: string; usageHint?: string }[];
  channels: Channel[];
  messages: SlackMessage[];
  ephemerals: Record<string, SlackMessage[]>;
  views: Record<string, { modals: SlackView[]; home: SlackView | null }>;
  panel: { actions: { id: string; label: string }[]; state: PanelState } | null;
}

type Change =
  | { kind: 'message'; channel: string; ts: string; message: SlackMessage | null }
  | { kind: 'ephemeral'; user: string; ephemerals: SlackMessage[] }
  | { kind: 'view'; user: string; views: Snapshot['views'][string] }
  | { kind: 'channel'; channels: Channel[] };

/** The snapshot with what changed since. */
export function changed(snapshot: Snapshot, changes: Change[]): Snapshot {
  return changes.reduce((now, change) => {
    switch (change.kind) {
      case 'message': {
        const others = now.messages.filter(
          ({ channel, ts }) => channel !== change.channel || ts !== change.ts,
        );
        return { ...now, messages: change.message === null ? others : [...others, change.message] };
      }
      case 'ephemeral':
        return { ...now, ephemerals: { ...now.ephemerals, [change.user]: change.ephemerals } };
      case 'view':
        return { ...now, views: { ...now.views, [change.user]: change.views } };
      default:
        return { ...now, channels: change.channels };
    }
  }, snapshot);
}

export type { Change };

/** Does something as a person; what the person is told when it did not work. */
export async function act(gesture: Record<string, unknown>, path = '/page/act'): Promise<string | undefined> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(gesture),
    });
    const reply: { ok: boolean; error?: string; result?: { error?: string } | string } = await answer.json();
    if (!reply.ok) return reply.error;
    return typeof reply.result === 'object' ? reply.result?.error : undefined;
  } catch {
    return 'The simulator does not answer. Is the demo still running?';
  }
}
