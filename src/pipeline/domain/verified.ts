import type { Check } from './checks.ts';
import type { At } from './time.ts';

/** Whom an e-mail address of a commit or a push belongs to, as Slack says. */
export type Mailbox = { is: 'person'; key: string } | { is: 'nobody' } | { is: 'unknown' };

/**
 * What was found out about a request where it was verified. Facts, never wishes: none of it comes out of a button or a
 * line. The rules decide on it, and the audit trail keeps what of it was used.
 */
export interface Verified {
  /** Where it was asked: the channel of the signed request, and the message whose button was pressed. */
  channel?: string;
  card?: string;
  /**
   * Of the user groups that the configuration names (`team/group`): those that the person is in, and when Slack was
   * asked. `unknown` when it could not be: then nobody is in any.
   */
  groups?: { in: string[]; askedAt: At } | 'unknown';
  /** Whose the commit's e-mail address is, and that of whoever pushed it. */
  author?: Mailbox;
  pusher?: Mailbox;
  /** Whether the commit can be reached from what the service's policy releases from. */
  reachable?: boolean;
  /** How the checks of the commit stand at its forge, where the service requires some. */
  checks?: Check[];
  /** An operator's reason to act where people normally have to. */
  breakGlass?: string;
}
