import type { ServerResponse } from 'node:http';
import type { SlackSimulatorOptions } from './options.ts';
import type { WorkspaceState } from './state.ts';
import type { Change } from './types.ts';

const BATCH_MS = 30;
const PANEL_MS = 200;
const HEARTBEAT_MS = 15_000;

/** Streams what changes to the pages that are open, as server-sent events. */
export class PageFeed {
  readonly #state: WorkspaceState;
  readonly #options: SlackSimulatorOptions;
  readonly #pages = new Set<{ readonly response: ServerResponse; readonly since: number }>();
  readonly #stops: (() => void)[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  #changes = new Map<string, Change>();
  #batch: NodeJS.Timeout | undefined;
  #panel: NodeJS.Timeout | undefined;

  constructor(state: WorkspaceState, options: SlackSimulatorOptions) {
    this.#state = state;
    this.#options = options;
    this.#stops.push(state.onChange((change) => this.#collect(change)));
    const stopPanel = options.panel?.onChange?.(() => this.#panelChanged());
    if (stopPanel !== undefined) this.#stops.push(stopPanel);
    this.#heartbeat = setInterval(() => {
      for (const { response } of this.#pages) response.write(': still here\n\n');
      if (options.panel !== undefined && options.panel.onChange === undefined) this.#panelChanged();
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Begins a page's stream. `since` is when it was loaded: ephemeral messages from before are not shown again. */
  open(response: ServerResponse, since: number): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const page = { response, since };
    this.#pages.add(page);
    response.on('close', () => this.#pages.delete(page));
    send(response, 'snapshot', this.snapshot(since));
  }

  /** All that a page shows. */
  snapshot(since: number) {
    const { panel } = this.#options;
    const people = [...this.#state.people.values()];
    return {
      installation: this.#state.installation,
      people,
      userGroups: this.#state.userGroups.map(({ id, handle }) => ({ id, name: handle })),
      commands: this.#options.commands ?? [],
      shortcuts: this.#options.shortcuts ?? [],
      channels: this.#channels(),
      messages: [...this.#state.conversations.values()].flatMap((each) => [...each.messages.values()]),
      ephemerals: Object.fromEntries(people.map(({ id }) => [id, this.#ephemerals(id, since)])),
      views: Object.fromEntries(people.map(({ id }) => [id, this.#views(id)])),
      panel:
        panel === undefined
          ? null
          : { actions: panel.actions.map(({ id, label }) => ({ id, label })), state: panel.state() },
    };
  }

  close(): void {
    for (const stop of this.#stops) stop();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#batch);
    clearTimeout(this.#panel);
    for (const { response } of this.#pages) response.end();
  }

  #collect(change: Change): void {
    this.#changes.set(JSON.stringify(change), change);
    this.#batch ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#batch = undefined;
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    for (const { response, since } of this.#pages) {
      send(
        response,
        'changes',
        changes.map((change) => this.#detail(change, since)),
      );
    }
  }

  #detail(change: Change, since: number) {
    switch (change.kind) {
      case 'message': {
        const message = this.#state.conversations.get(change.channel)?.messages.get(change.ts);
        return { ...change, message: message ?? null };
      }
      case 'ephemeral':
        return { ...change, ephemerals: this.#ephemerals(change.user, since) };
      case 'view':
        return { ...change, views: this.#views(change.user) };
      case 'channel':
        return { ...change, channels: this.#channels() };
    }
  }

  #panelChanged(): void {
    this.#panel ??= setTimeout(() => {
      this.#panel = undefined;
      const state = this.#options.panel?.state();
      for (const { response } of this.#pages) send(response, 'panel', state);
    }, PANEL_MS);
  }

  #channels() {
    return [...this.#state.conversations.values()].map(({ messages: _messages, members, ...rest }) => ({
      ...rest,
      members: [...members],
    }));
  }

  #ephemerals(user: string, since: number) {
    return this.#state.ephemerals(user).filter(({ ts }) => Number(ts) * 1000 >= since);
  }

  #views(user: string) {
    return { modals: this.#state.modals.get(user) ?? [], home: this.#state.homes.get(user) ?? null };
  }
}

function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data ?? null)}\n\n`);
}
