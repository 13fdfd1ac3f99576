/** The folded head of a service's stream: small however long its history is. */
export interface Service {
  service: string;
  /** Numbers the next release; versions are never used again. */
  nextVersion: number;
  /** Versions that are not over. */
  open: number[];
  /** The newest version ever asked for of each line (branch or tag). */
  newest: Record<string, number>;
}
