import type { Right } from './policy.ts';

/** Why somebody was allowed to do something: the role, and the entry of the configuration that gave it to him. */
export interface Grant {
  right: Right | 'administer';
  environment?: string;
  /** `T1/U1`, `T1/S1`, `T1/C1` or `*` as configured; or what stands in for an entry: `operator`, `break-glass`, … */
  through: string;
}
