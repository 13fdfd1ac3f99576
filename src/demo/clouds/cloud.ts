import type { Provider } from '../../pipeline/provider.ts';
import type { Place } from '../place.ts';

/** The demo cannot begin on this machine: what is missing, and what to do. */
export class CannotBegin extends Error {
  override name = 'CannotBegin';
}

/** What the demo's service runs on: a provider and a balancer, and what has to run for them. */
export interface Cloud {
  /** Their names in bot.yaml. */
  readonly provider: string;
  readonly balancer: string;
  /** What the service's image is made on, in the provider's words. */
  readonly base: string;
  /** How many times longer than on this machine everything may take. */
  readonly patience: number;
  /** How bot.yaml names a secret of the demo, where that cannot be the bot's own environment. */
  secret?(place: Place, name: string): string;
  providerEntry(place: Place): unknown;
  balancerEntry(place: Place): unknown;
  /** Starts what Bakery does not start by itself. Throws {@link CannotBegin}. */
  prepare(place: Place): Promise<void>;
  /** The provider as the bot has it, to end what it left. */
  open(place: Place): Provider;
  endBalancer(place: Place): Promise<void>;
  /** Where the front doors are reached from this machine. Asked after {@link Cloud.prepare}. */
  host(): Promise<string>;
  /** Takes away what outlives the instances of this installation, once its data is to go too. */
  forget(place: Place, owner: string): Promise<void>;
}
