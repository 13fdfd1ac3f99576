import type { ReaperStop } from './reaper.ts';

/** The folded head of a service's stream: small however long its history is. */
export interface Service {
  service: string;
  /** Numbers the next release; versions are never used again. */
  nextVersion: number;
  /** Versions that are not over. */
  open: number[];
  /** The newest version ever asked for of each line (branch or tag). */
  newest: Record<string, number>;
  /** Since a restore, until the clouds were looked at: no command is taken. The installation's epoch. */
  restoring?: number;
  /** Why the reaper removes nothing here, until a person allows it, and ids of what it would have removed. */
  reaperStopped?: { because: ReaperStop; found: string[] };
  /** Ids of what a person has looked at and allowed to be removed, however much it is. */
  reaperAllowed?: string[];
}
