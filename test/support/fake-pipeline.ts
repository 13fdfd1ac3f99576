import type { Answer, PipelineCommand } from '../../src/pipeline/domain/command.ts';
import { newInstallation } from '../../src/pipeline/domain/installation.ts';
import type { Message } from '../../src/pipeline/outbox.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import type {
  DeploymentView,
  HistoryView,
  NoteView,
  ReleaseView,
  ServiceView,
} from '../../src/pipeline/views.ts';
import { keptCard } from './kept-card.ts';
import { policy, texts } from './sample.ts';

type Order = Parameters<Pipeline['requestRelease']>[0];

/** A pipeline of rows that a test sets by hand: an outbox in memory, views as given, commands written down. */
export interface FakePipeline extends Pipeline {
  commands: PipelineCommand[];
  orders: Order[];
  answer: (command: PipelineCommand) => Answer;
  releases: Map<string, ReleaseView>;
  deployments: Map<string, DeploymentView>;
  services: Map<string, ServiceView>;
  past: HistoryView;
  notes: Map<number, NoteView>;
  messages: Map<string, Message>;
  givenUp: Map<string, string>;
  /** Whether the outbox knows the card that tests press buttons of. */
  keepsCard: boolean;
  /** How often the ledger was told that Slack shows something. */
  shownCount: number;
  /** Puts a message into the outbox, or raises the revision of one that is there, and commits. */
  put(message: Pick<Message, 'key' | 'content'> & Partial<Message>): void;
  commit(): void;
}

export function fakePipeline(now: () => number): FakePipeline {
  const listeners = new Set<() => void>();
  const upToDate = new Map<string, number>();

  const fake: FakePipeline = {
    commands: [],
    orders: [],
    answer: () => ({ accepted: true, sentence: 'It is on its way.' }),
    releases: new Map(),
    deployments: new Map(),
    services: new Map(),
    past: { releases: [], deployments: [], texts, now: now() },
    notes: new Map(),
    messages: new Map(),
    givenUp: new Map(),
    keepsCard: true,
    shownCount: 0,
    put({ key, content, ...over }) {
      const before = fake.messages.get(key);
      fake.messages.set(key, {
        key,
        content,
        channel: 'C1',
        tries: 0,
        notBefore: 0,
        final: false,
        ...before,
        revision: (before?.revision ?? 0) + 1,
        ...over,
      });
      fake.commit();
    },
    commit: () => {
      for (const listener of listeners) listener();
    },
    async handle(command) {
      fake.commands.push(command);
      return fake.answer(command);
    },
    async traced(_asked, answer) {
      return answer;
    },
    async requestRelease(order) {
      fake.orders.push(order);
      return { accepted: true, sentence: `${order.service} v3 is being built.`, version: 3 };
    },
    query: {
      services: () => ['hello'],
      files: () => ({ restart: [], now: now() }),
      installation: () => newInstallation,
      bakedFrom: async () => [],
      liveAt: async () => [],
      overrides: async () => ({ deployments: [], texts }),
      policy: (service) => (service === 'hello' ? policy : undefined),
      service: async (service) => fake.services.get(service),
      release: async (service, version) => fake.releases.get(`${service}/${version}`),
      deployment: async (id) => fake.deployments.get(id),
      groups: () => [],
      group: async () => undefined,
      groupHistory: async () => [],
      images: async () => [],
      versions: async () => Array.from({ length: 60 }, (_, index) => 60 - index),
      history: async () => fake.past,
      changes: async () => undefined,
      traces: async () => undefined,
      log: async () => undefined,
    },
    outbox: {
      due: async (limit) =>
        [...fake.messages.values()]
          .filter(
            ({ key, revision, notBefore }) =>
              upToDate.get(key) !== revision && notBefore <= now() && !fake.givenUp.has(key),
          )
          .slice(0, limit),
      find: async (key) => fake.messages.get(key),
      at: async (channel, ts) =>
        [...fake.messages.values()].find(({ posted }) => posted?.channel === channel && posted.ts === ts) ??
        (fake.keepsCard ? keptCard(channel, ts) : undefined),
      told: async (seq) => fake.notes.get(seq),
      note: async (seq) => fake.notes.get(seq),
      async shown(key, { channel, ts, hash, revision }) {
        fake.shownCount += 1;
        upToDate.set(key, revision);
        change(key, (message) => ({
          ...message,
          posted: { channel, ts },
          shown: hash,
          tries: 0,
          notBefore: 0,
        }));
      },
      async uploading(key, file) {
        change(key, (message) =>
          message.content.kind === 'picture'
            ? { ...message, content: { ...message.content, file } }
            : message,
        );
      },
      async postponed(key, wait) {
        change(key, (message) => ({ ...message, tries: message.tries + 1, notBefore: now() + wait }));
      },
      async lost(key) {
        upToDate.delete(key);
        change(key, ({ posted: _, shown: __, ...message }) => message);
      },
      async givenUp(key, why) {
        fake.givenUp.set(key, why);
      },
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function change(key: string, how: (message: Message) => Message): void {
    const message = fake.messages.get(key);
    if (message !== undefined) fake.messages.set(key, how(message));
  }
  return fake;
}
