/**
 * The closed set of what can go wrong outside. A provider, a balancer or a command translates its own
 * error into one of these at the seam; whether trying again can help is derived from the fault alone.
 */
export const faults = {
  busy: { retry: true, says: 'the other side is busy' },
  unreachable: { retry: true, says: 'the other side cannot be reached' },
  'worker lost': { retry: true, says: 'the worker that did it is gone' },
  fenced: { retry: false, says: 'somebody newer is in charge of this slot' },
  unhealthy: { retry: false, says: 'it never became healthy' },
  'limit broken': { retry: false, says: 'it broke the limits of its environment' },
  exited: { retry: false, says: 'it ended by itself' },
  timeout: { retry: false, says: 'it took longer than it may' },
  'command failed': { retry: false, says: 'a command failed' },
  'tests failed': { retry: false, says: 'tests failed' },
  'no package': { retry: false, says: 'the package command made nothing' },
  'unknown commit': { retry: false, says: 'the repository does not have this commit' },
  'repository gone': { retry: false, says: 'the repository cannot be read' },
  'bad service file': { retry: false, says: 'bakery.yaml is missing or wrong' },
  'bad settings': { retry: false, says: 'the settings do not fit the service' },
  'unknown image': { retry: false, says: 'the image is not there any more' },
  denied: { retry: false, says: 'the other side does not allow it' },
  quota: { retry: false, says: 'a quota or limit is reached' },
  'disk full': { retry: false, says: 'the disk is full' },
  'port in use': { retry: false, says: 'the port is taken by something else' },
  'unexpected state': { retry: false, says: 'it is in a state that nobody waits through' },
  aborted: { retry: false, says: 'it was cancelled' },
  bug: { retry: false, says: 'Bakery itself failed' },
} as const satisfies Record<string, { retry: boolean; says: string }>;

export type Fault = keyof typeof faults;

/** Whether another attempt at the same thing can end differently. */
export const canRetry = (fault: Fault): boolean => faults[fault].retry;

/** A failure as a worker reports it. `sentence` is for people; `lines` are the last lines of output. */
export interface Failure {
  fault: Fault;
  sentence: string;
  lines?: string[];
}
