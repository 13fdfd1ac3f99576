import type { BuildSecrets, RepositoryAccess } from './access.ts';
import type { RequiredChecks } from './checks.ts';
import type { Hook } from './hook.ts';
import type { Limits } from './limits.ts';
import type { MessageChoice } from './messages.ts';
import type { Receiver } from './notification.ts';
import type { Feedback } from './outward.ts';
import type { Prices } from './price.ts';
import type { RetentionPolicy } from './retention.ts';
import type { Settings } from './settings.ts';
import type { ExternalBuild } from './submission.ts';
import type { Millis } from './time.ts';
import type { Workspace } from './workspace.ts';

/** What a person may be allowed to do. */
export const rights = ['bake', 'approve', 'rollback', 'retire', 'lock', 'override', 'trace'] as const;
export type Right = (typeof rights)[number];

/**
 * Who has a right, as `team/id` in Slack's ids: a person (U…, W…), a user group (S…), whoever acts in a channel
 * (C…, G…); or `*` for every full member of the workspace.
 */
export type People = string[];

/** Who may do what. A right that is left out is the administrators'. */
export type Roles = Partial<Record<Right, People>>;

export type WhenNewer = 'replace' | 'queue' | 'keep' | 'ask';

/** One rung of a service's ladder, from the operators' files. */
export interface EnvironmentPolicy {
  name: string;
  provider: string;
  balancer: string;
  /** `none`: it is a worker, with no balancer and no front door. */
  traffic?: 'none';
  /** False: two of it may not run at once. Only where there is no traffic. */
  overlap?: false;
  /** The balancer's front door for this slot: the port it listens on. */
  port: number;
  /** How many instances run at once. */
  count: number;
  /** `auto`: a release that is production ready goes here by itself once it is live on the rung below. */
  promotion: 'auto' | 'approval';
  /** How many distinct people must say yes. */
  approvals: number;
  /** Whether the one who asked for the release may count among them. */
  selfApproval: boolean;
  approveWithin: Millis;
  /** Of the people who say yes, one has to be among these. */
  oneOf?: People;
  /** What happens when nobody decided in time: it expires, or it is asked for once more. Expires when left out. */
  atDeadline?: 'expire' | 'ask again';
  /**
   * What becomes of a release that waits for approval when a newer one comes to wait too: `replace` ends it, `queue`
   * has the newer one wait behind it, `keep` leaves both, `ask` leaves both and offers the three. `replace` when left out.
   */
  whenNewer?: WhenNewer;
  /** Percent of traffic for the new release, step by step; the last is 100. */
  steps: number[];
  /** Pause between two steps. */
  pause: Millis;
  soak: Millis;
  /** What the new release may do to traffic meanwhile; the usual ones when absent. */
  limits?: Limits;
  /** The path of Bakery's own requests; that of the health check when absent. */
  probe?: string;
  /** The old one is retired by itself after this long; a button does it earlier. */
  retireAfter: Millis;
  /** How long in-flight requests of the old one may take. */
  drain: Millis;
  /** Whether what it would go back to is started beside it every night, with these settings, and taken down again. */
  rehearse?: boolean;
  settings: Settings;
  /** Host names that belong to this environment. A setting that names another one's is refused. */
  hosts: string[];
  production: boolean;
}

/** What the operators' files say of a service: the only thing that grants rights. */
export interface ServicePolicy {
  service: string;
  repository: string;
  /** How a private repository is read; as this machine can by itself when it is left out. */
  access?: RepositoryAccess;
  /** Calls around its stages. */
  hooks?: Hook[];
  /** What its build is given, and nothing else of it. */
  buildSecrets?: BuildSecrets;
  /** The folder inside the repository, `.` for all of it. */
  folder: string;
  branch: string;
  /** Paths of the repository: a push that changes nothing below them releases nothing. Any change when left out. */
  watch?: string[];
  channel: string;
  /** The workspace of its channel, where there are several: only people of it act on the service. */
  workspace?: Workspace;
  provider: string;
  /** Its images are published when their release is promoted: shared with others, or copied elsewhere. */
  publishes?: true;
  people: Roles;
  /** What is worth a message; the usual choice when it is left out. */
  messages?: MessageChoice;
  /** Where an environment says otherwise: right by right. */
  peopleIn?: Record<string, Roles>;
  /** The installation's administrators: they hold every right that the service gives to nobody. */
  admins?: People;
  /** Tags that may be released too, as a pattern in which `*` stands for any text. */
  tags?: string;
  /** Checks of the forge without which nothing can be approved. */
  checks?: RequiredChecks;
  /** An outside CI builds it; Bakery itself does when it is left out. */
  external?: ExternalBuild;
  /** Where its stages and deployments are told at the forge; nowhere when it is left out. */
  feedback?: Feedback;
  /** Who outside of Slack is told what happens. */
  notify?: Receiver[];
  /** How many images are kept, and how long; the usual when it is left out. */
  retention?: RetentionPolicy;
  /** What things cost, where the operators say so. */
  prices?: Prices;
  /** The settings of the verify environment: never production's, never its secrets. */
  verify: Settings;
  /** Lowest rung first. */
  environments: EnvironmentPolicy[];
}
