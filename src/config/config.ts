import type { GroupPolicy } from '../pipeline/domain/group.ts';
import type { Receiver } from '../pipeline/domain/notification.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Prices } from '../pipeline/domain/price.ts';
import type { Digest, Millis } from '../pipeline/domain/time.ts';
import type { Workspace } from '../pipeline/domain/workspace.ts';
import type { BalancerSettings } from './balancers/index.ts';
import type { BuildsSettings } from './builds.ts';
import type { FreezeWindow, WorkingHours } from './calendar.ts';
import type { ProviderSettings } from './providers/index.ts';
import type { Secret } from './secret.ts';
import type { Tracing } from './tracing.ts';

/** How Bakery talks to one workspace of Slack. Tokens are references, read with `readSecret` where they are used. */
export interface SlackSettings {
  /** Which it is, where bot.yaml lists workspaces. */
  workspace?: Workspace;
  mode: 'http' | 'socket';
  /** Where Slack's signed requests arrive in mode `http`. */
  port: number;
  botToken: string;
  appToken?: string;
  signingSecret?: string;
  apiUrl?: string;
  defaultChannel: string;
  /** Where Bakery tells its operators what needs them; the default channel unless another is named. */
  adminChannel: string;
  /** How cards draw their stages. */
  cards: 'plan' | 'sections';
  /** Whether a picture of each deployment goes into its thread. */
  pictures: boolean;
}

/** All of Bakery's own configuration, checked. Paths are absolute, times in milliseconds. */
export interface Config {
  /** The folder of bot.yaml. */
  dir: string;
  name: string;
  data: string;
  /** `embedded:/dir`, `redis://…` or `postgres://…`; may hold a password. */
  queue: { kind: 'embedded' | 'redis' | 'postgres'; url: Secret };
  store: string;
  /** Absolute path of the Unix socket that `bakery run` speaks to. Its folder decides which accounts reach it. */
  control: string;
  /** The workspaces; the first is that of services which name none. */
  slack: readonly [SlackSettings, ...SlackSettings[]];
  http: { host: string; port: number };
  /** References. A source without one is not served. */
  webhooks: { github?: string; gitlab?: string; generic?: string };
  /** How often remotes are looked at; 0 for never. */
  poll: Millis;
  /** `port`: where a process that is only a worker serves /healthz and /metrics; 0 for any free one. */
  worker: {
    concurrency: number;
    scratch: string;
    port: number;
    /** Where builds in builder images run; none do when it is left out. */
    builds?: BuildsSettings;
  };
  providers: ReadonlyMap<string, ProviderSettings>;
  balancers: ReadonlyMap<string, BalancerSettings>;
  /** Who holds every right that a service gives to nobody, and decides for the whole installation. */
  admins: string[];
  /** Windows in which nothing new goes where people have to agree. */
  freezes: FreezeWindow[];
  /** When people are reminded; at any time when left out. A service may say otherwise. */
  reminders?: WorkingHours;
  /** Where the ledger's newest hash is written down outside of it, and how often. */
  anchors?: { file?: string; channel?: string; every: Millis };
  /** Where traces go, and where people read them. */
  traces?: Tracing;
  /** Who outside of Slack is told what happens. */
  notify: Receiver[];
  /** What things cost: told with what the reaper removed. */
  prices?: Prices;
  /** Names of people by their accounts on this machine. */
  operators: ReadonlyMap<string, string>;
  /** By service, in the order of their files' names. */
  policies: Map<string, ServicePolicy>;
  /** Services that are released together, by the group's name. */
  groups: ReadonlyMap<string, GroupPolicy>;
  /** Working hours of services that have their own. */
  remindersOf: ReadonlyMap<string, WorkingHours>;
  /** Digests of the files that say all this, by name, and of all of them. */
  files: { digest: Digest; digests: Readonly<Record<string, Digest>> };
}
