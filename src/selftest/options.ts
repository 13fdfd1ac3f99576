export interface SelftestOptions {
  /** How many runs, each of a seed of its own. */
  runs: number;
  /** The first seed. */
  seed: number;
  mode: 'simulated' | 'processes';
  /** With processes: the queue's URL, or `embedded`. */
  queue: string;
  verbose: boolean;
  /** With processes: installations at once. */
  atOnce?: number;
  /** Only these steps of the seed. */
  steps?: number[];
}
