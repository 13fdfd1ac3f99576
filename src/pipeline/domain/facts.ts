import type { Calendar } from './calendar.ts';
import type { Deployment } from './deployment.ts';
import type { Installation } from './installation.ts';
import type { ServicePolicy } from './policy.ts';
import type { Release } from './release.ts';
import type { Service } from './service.ts';
import type { Slot } from './slot.ts';
import type { Standby } from './standby.ts';
import type { OpenTask } from './task.ts';
import type { TextRef } from './time.ts';

/**
 * All that a decision may know: folded rows of one service, loaded with the versions of their streams.
 * Bounded however long the history: open releases and deployments, what each slot serves, and what was named.
 */
export interface Facts {
  /** The installation's id: the owner in every mark. */
  owner: string;
  /** How often the ledger was restored: what is made after it is never taken for what was made before. */
  epoch: number;
  policy: ServicePolicy;
  /** What the configuration says of times. */
  calendar: Calendar;
  installation: Installation;
  service: Service;
  releases: ReadonlyMap<number, Release>;
  slots: ReadonlyMap<string, Slot>;
  deployments: ReadonlyMap<string, Deployment>;
  /** What each environment would go back to, as last looked at. */
  standbys: ReadonlyMap<string, Standby>;
  /** Of the loaded releases, deployments and slots. */
  tasks: readonly OpenTask[];
  /** The key under which a text will lie in the side table. Pure: salted digest. */
  textRef: (text: string) => TextRef;
}
