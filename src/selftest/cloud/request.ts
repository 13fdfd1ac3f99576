import type { Fault } from '../../pipeline/domain/fault.ts';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Frontend, Mark } from '../../pipeline/domain/task.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import type { BakeOrder, Call } from '../../pipeline/provider.ts';

/** One request to the faulty cloud: all of it is JSON, so that it goes over HTTP as well as within a process. */
export type CloudRequest =
  | { do: 'make image'; order: Pick<BakeOrder, 'package' | 'recipe' | 'sha' | 'mark'> }
  | { do: 'make instance'; image: string; mark: Mark }
  | { do: 'look'; instance: string }
  | { do: 'end instance'; instance: string }
  | { do: 'look at image'; image: string }
  | { do: 'publish image'; image: string }
  | { do: 'remove image'; image: string }
  | { do: 'list'; owner: string }
  | { do: 'members'; frontend: Frontend }
  | { do: 'attach'; frontend: Frontend; instance: Instance; path: string; epoch: number }
  | { do: 'shift'; frontend: Frontend; weights: Record<string, number>; epoch: number }
  | { do: 'drain'; frontend: Frontend; instance: string; epoch: number }
  | { do: 'detach'; frontend: Frontend; instance: string; epoch: number };

/** Those that change something. */
export const changes = [
  'make image',
  'publish image',
  'make instance',
  'end instance',
  'attach',
  'shift',
  'drain',
  'detach',
] as const satisfies readonly CloudRequest['do'][];

const changing: ReadonlySet<string> = new Set(changes);

export const isChange = (request: CloudRequest): boolean => changing.has(request.do);

export type CloudAnswer = { value: unknown } | { fault: Fault; sentence: string };

/** How a caller reaches the cloud. */
export interface Wire {
  /** How long an answer is waited for; a request that arrives later than that acts all the same. */
  limit: Millis;
  /** Resolves to the answer's value; throws ProviderError. */
  ask(request: CloudRequest, call: Call): Promise<unknown>;
}
