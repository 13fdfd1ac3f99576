import type { AuditReport } from '../ledger/audit.ts';
import type { WholeLedger } from '../ledger/whole.ts';
import { type Deployment, isDeploymentOver } from '../pipeline/domain/deployment.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { isOver } from '../pipeline/domain/release.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Alarm } from './cloud/alarms.ts';
import type { Books } from './cloud/books.ts';

/** What is known at the end of a run, from the outside: the cloud's own books, and the ledger's rows. */
export interface Evidence {
  now: At;
  service: string;
  books: Books;
  alarms: readonly Alarm[];
  ledger: WholeLedger;
  policy: ServicePolicy;
  audit: AuditReport;
  /** Cards that do not show what they should, one sentence each. */
  wrongCards: string[];
}

/** What is still going on, in words; empty at rest. A question to a person may stay open. */
export function goingOn({ releases, deployments, slots, tasks }: WholeLedger): string[] {
  return [
    ...releases
      .filter((release) => !isOver(release))
      .map(({ version, state, stage }) => `v${version} is ${state} at ${stage}`),
    ...deployments.filter((one) => !isDeploymentOver(one) && !asksSomebody(one)).map(inWords),
    ...slots
      .filter(({ lease }) => lease !== undefined)
      .map(({ environment, lease }) => `${environment} is held by ${lease?.deployment}`),
    ...tasks
      .filter(({ of }) => of === 'release' || of === 'deployment')
      .map(({ effect }) => `the task ${effect} is not over`),
  ];
}

const asksSomebody = ({ state, wait }: Deployment): boolean =>
  state === 'running' && wait?.for === 'approval';

const inWords = ({ id, state, stage, wait }: Deployment): string =>
  `${id} is ${state} at ${stage}${wait === undefined ? '' : `, waiting for ${wait.for}`}`;
