import { SimulatorSetupError } from './errors.ts';
import type { Channel, Installation, KnownCommand, KnownShortcut, Person, UserGroup } from './types.ts';

/** How what people do reaches the bot. */
export type DeliveryChoice = { readonly kind: 'http'; readonly url: string } | { readonly kind: 'socket' };

/** What the demo shows beside the channel. */
export interface Panel {
  /** JSON, in the shape of `PanelState` for the page to draw it. */
  state(): unknown;
  readonly actions: readonly { readonly id: string; readonly label: string; run(): Promise<string> }[];
  /** Calls the listener whenever `state()` changed; gives back how to stop that. */
  onChange?(listener: () => void): () => void;
}

/** The shape that the page draws. Times are milliseconds since the epoch. */
export interface PanelState {
  readonly title: string;
  readonly urls: readonly { readonly label: string; readonly url: string }[];
  readonly traffic: {
    readonly perSecond: readonly {
      readonly at: number;
      readonly byVersion: Readonly<Record<string, number>>;
      readonly failed: number;
    }[];
    readonly sent: number;
    readonly failed: number;
  };
  readonly notes: readonly string[];
  readonly processes?: readonly string[];
}

/** Options of `startSlackSimulator`. */
export interface SlackSimulatorOptions {
  /** 0, the default, takes a free one. Always on 127.0.0.1. */
  readonly port?: number;
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
  readonly userGroups?: readonly UserGroup[];
  readonly signingSecret: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly delivery: DeliveryChoice;
  /** Messages and Home tabs are kept here, so that a restart finds them again. */
  readonly stateFile?: string;
  /** Answers 429 by tier as Slack does; off unless asked for. */
  readonly rateLimits?: boolean;
  readonly panel?: Panel;
  readonly installation?: Partial<Installation>;
  /** Scopes of the bot token; with fewer than a method needs it answers `missing_scope`. All when absent. */
  readonly scopes?: readonly string[];
  /** Hints of the composer. */
  readonly commands?: readonly KnownCommand[];
  readonly shortcuts?: readonly KnownShortcut[];
  /** Milliseconds that the bot has to acknowledge; 3000 as in Slack. */
  readonly ackTimeoutMs?: number;
  /** Milliseconds before each retry of an event that was not acknowledged; at once, 60 000 and 300 000 as in Slack. */
  readonly eventRetriesMs?: readonly number[];
  /** Milliseconds since the epoch; for tests of what expires. */
  readonly now?: () => number;
}

const DEFAULT_INSTALLATION: Installation = {
  teamId: 'T0BAKERY01',
  teamName: 'Bakery demo',
  teamDomain: 'bakery-demo',
  botUserId: 'U0BAKERBOT',
  botId: 'B0BAKERBOT',
  botName: 'Bakery',
  appId: 'A0BAKERAPP',
};

/** The installation with what was left out filled in. */
export function installationOf(options: SlackSimulatorOptions): Installation {
  return { ...DEFAULT_INSTALLATION, ...options.installation };
}

/**
 * Checks ids and tokens before anything listens.
 * @throws SimulatorSetupError naming the first one that Slack could not have made.
 */
export function checkOptions(options: SlackSimulatorOptions): void {
  const looksLike = (what: string, id: string, pattern: RegExp) => {
    if (!pattern.test(id)) {
      throw new SimulatorSetupError(
        `The id of ${what} is "${id}", which is not like Slack's (${pattern.source}). The simulator was not started; give it such an id.`,
      );
    }
  };
  for (const person of options.people) looksLike(`person ${person.name}`, person.id, /^[UW][A-Z0-9]{6,}$/);
  for (const channel of options.channels)
    looksLike(`channel ${channel.name}`, channel.id, /^[CG][A-Z0-9]{6,}$/);
  for (const group of options.userGroups ?? [])
    looksLike(`group ${group.handle}`, group.id, /^S[A-Z0-9]{6,}$/);
  looksLike('the bot token', options.botToken, /^xoxb-./);
  looksLike('the app token', options.appToken, /^xapp-./);
}
