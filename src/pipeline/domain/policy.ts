import type { MessageChoice } from './messages.ts';
import type { Settings } from './settings.ts';
import type { Millis } from './time.ts';

/** What a person may be allowed to do. */
export type Right = 'bake' | 'approve' | 'rollback' | 'retire';

/** Who has a right: Slack user ids as `team/user`, or `*` for every full member of the workspace. */
export type People = string[];

/** One rung of a service's ladder, from the operators' files. */
export interface EnvironmentPolicy {
  name: string;
  provider: string;
  balancer: string;
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
  /** Percent of traffic for the new release, step by step; the last is 100. */
  steps: number[];
  /** Pause between two steps. */
  pause: Millis;
  soak: Millis;
  /** The old one is retired by itself after this long; a button does it earlier. */
  retireAfter: Millis;
  /** How long in-flight requests of the old one may take. */
  drain: Millis;
  settings: Settings;
  /** Host names that belong to this environment. A setting that names another one's is refused. */
  hosts: string[];
  production: boolean;
}

/** What the operators' files say of a service: the only thing that grants rights. */
export interface ServicePolicy {
  service: string;
  repository: string;
  /** The folder inside the repository, `.` for all of it. */
  folder: string;
  branch: string;
  channel: string;
  provider: string;
  people: Record<Right, People>;
  /** What is worth a message; the usual choice when it is left out. */
  messages?: MessageChoice;
  /** The settings of the verify environment: never production's, never its secrets. */
  verify: Settings;
  /** Lowest rung first. */
  environments: EnvironmentPolicy[];
}
