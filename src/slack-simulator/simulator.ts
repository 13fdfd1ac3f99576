import { Uploads } from './api/files.ts';
import { allMethods } from './api/index.ts';
import type { Ack, Delivery } from './delivery/delivery.ts';
import { EventRetries } from './delivery/event-retries.ts';
import { SignedHttpDelivery } from './delivery/signed-http.ts';
import { SocketModeDelivery } from './delivery/socket-mode.ts';
import { driverFor, type PersonDriver } from './driver.ts';
import { SimulatorSetupError } from './errors.ts';
import type { Fault } from './faults.ts';
import { Chosen } from './interactions/chosen.ts';
import type { GestureContext } from './interactions/context.ts';
import { checkOptions, type DeliveryChoice, type SlackSimulatorOptions } from './options.ts';
import { PageFeed } from './page-feed.ts';
import { ResponseUrls } from './response-urls.ts';
import { listen, serve } from './server.ts';
import { type Conversation, WorkspaceState } from './state.ts';
import { restoreState, StateKeeper } from './state-file.ts';
import { Triggers } from './triggers.ts';
import type { ApiCall, Change, EphemeralMessage, Message, MessageRef, View } from './types.ts';
import { Views } from './views.ts';
import { WebApi } from './web-api.ts';

const ACK_MS = 3000;

/** A running simulator. Channels are named by id, `#name` or name. */
export interface SlackSimulator {
  /** Where the page is. */
  readonly url: string;
  /** What Bolt gets as `clientOptions.slackApiUrl`. */
  readonly apiUrl: string;
  /** Web API calls so far, oldest first; the last 10,000 at least. */
  readonly calls: readonly ApiCall[];
  /** Socket Mode connections that are open. */
  readonly connections: number;
  setDelivery(delivery: DeliveryChoice): void;
  /** What stands in the channel itself, oldest first, replies left out. */
  messages(channel: string): readonly Message[];
  /** A thread: its parent and the replies, oldest first. */
  thread(channel: string, ts: string): readonly Message[];
  ephemerals(user: string): readonly EphemeralMessage[];
  home(user: string): View | undefined;
  /** The modals that somebody has open, the one in front last. */
  modals(user: string): readonly View[];
  /** Gives back how to stop listening. */
  onChange(listener: (change: Change) => void): () => void;
  /** @throws ImpossibleGesture when there is nobody with this id. */
  as(userId: string): PersonDriver;
  failNext(fault: Fault): void;
  deleteMessage(message: MessageRef): void;
  archive(channel: string): void;
  /** Takes the bot out of a channel. */
  removeBot(channel: string): void;
  /** Takes the bot's token back, as an administrator who removes the app does, or gives it again. */
  revoke(revoked: boolean): void;
  /** Cuts all Socket Mode connections without a word. */
  dropSockets(): void;
  /** Leaves the open Socket Mode connections half open: nothing is heard and nothing said on them any more. */
  silenceSockets(): void;
  /** Asks the bot to connect anew, as Slack does now and then. */
  refreshSockets(): void;
  /** Delivers a payload of the caller's, as Slack does for another workspace in which the same app is installed. */
  deliver(...request: Parameters<Delivery['send']>): Promise<Ack>;
  /** Delivers the last request of a person once more, as a retry of Slack or a proxy would. */
  deliverAgain(): Promise<Ack>;
  close(): Promise<void>;
}

/**
 * Starts a Slack-compatible server on 127.0.0.1.
 * @throws SimulatorSetupError when an option, the state file or the port does not allow it.
 */
export async function startSlackSimulator(options: SlackSimulatorOptions): Promise<SlackSimulator> {
  checkOptions(options);
  const state = new WorkspaceState(options);
  if (options.stateFile !== undefined) restoreState(options.stateFile, state);
  const { server, url } = await listen(options.port ?? 0);
  const keeper = options.stateFile === undefined ? undefined : new StateKeeper(options.stateFile, state);

  const ackTimeoutMs = options.ackTimeoutMs ?? ACK_MS;
  const sockets = new SocketModeDelivery({ ackTimeoutMs, appId: state.installation.appId });
  const deliveryFor = (choice: DeliveryChoice): Delivery =>
    choice.kind === 'socket'
      ? sockets
      : new SignedHttpDelivery({ url: choice.url, signingSecret: options.signingSecret, ackTimeoutMs });
  let delivery = deliveryFor(options.delivery);
  const retrying = new EventRetries(() => delivery, options.eventRetriesMs);

  const views = new Views(state);
  const triggers = new Triggers(state.now);
  const responseUrls = new ResponseUrls(state);
  const uploads = new Uploads();
  const socketUrl = () => `${url.replace('http:', 'ws:')}${sockets.ticket()}`;
  const webApi = new WebApi(
    allMethods(uploads),
    { state, views, triggers, baseUrl: url, socketUrl },
    options,
  );
  const feed = new PageFeed(state, options);
  let last: Parameters<Delivery['send']> | undefined;
  const gestures: GestureContext = {
    state,
    views,
    triggers,
    responseUrls,
    chosen: new Chosen(),
    baseUrl: url,
    commands: options.commands ?? [],
    delivery: {
      send: (kind, payload) => {
        last = [kind, payload];
        return retrying.send(kind, payload);
      },
    },
  };
  const as = (userId: string) => driverFor(gestures, userId);
  serve(server, url, { webApi, responseUrls, uploads, sockets, feed, options, as });

  return {
    url,
    apiUrl: `${url}/api/`,
    calls: webApi.calls,
    get connections() {
      return sockets.connections;
    },
    setDelivery(choice) {
      delivery = deliveryFor(choice);
    },
    messages: (channel) => state.topLevel(named(state, channel).id),
    thread(channel, ts) {
      const { id, messages } = named(state, channel);
      const parent = messages.get(ts);
      return [...(parent === undefined ? [] : [parent]), ...state.replies(id, ts)];
    },
    ephemerals: (user) => state.ephemerals(user),
    home: (user) => state.homes.get(user),
    modals: (user) => views.stack(user),
    onChange: (listener) => state.onChange(listener),
    as,
    failNext: (fault) => webApi.faults.add(fault),
    deleteMessage: (message) => state.remove(named(state, message.channel).id, message.ts),
    archive(channel) {
      const found = named(state, channel);
      found.isArchived = true;
      state.changed({ kind: 'channel', channel: found.id });
    },
    removeBot(channel) {
      const found = named(state, channel);
      found.members.delete(state.installation.botUserId);
      state.changed({ kind: 'channel', channel: found.id });
    },
    revoke(revoked) {
      webApi.revoked = revoked;
    },
    dropSockets: () => sockets.drop(),
    silenceSockets: () => sockets.silence(),
    refreshSockets: () => sockets.refresh(),
    deliver: (...request) => delivery.send(...request),
    deliverAgain() {
      if (last === undefined) throw new SimulatorSetupError('Nobody has done anything yet.');
      return delivery.send(...last);
    },
    async close() {
      feed.close();
      retrying.close();
      sockets.close();
      keeper?.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function named(state: WorkspaceState, channel: string): Conversation {
  const found = state.find(channel);
  if (found !== undefined) return found;
  throw new SimulatorSetupError(`The simulated workspace has no channel "${channel}".`);
}
