import type { Evidence } from '../evidence.ts';

/** Something that is so at rest, whatever happened before. One small file each. */
export interface Invariant {
  /** For people: what holds. */
  name: string;
  /** What breaks it, one sentence each. */
  broken(evidence: Evidence): string[];
}
