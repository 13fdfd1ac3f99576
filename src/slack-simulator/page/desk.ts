import { createContext, useContext } from 'react';
import type { Outcome } from '../interactions/context.ts';
import type { Person } from '../types.ts';
import type { Reply, Snapshot } from './wire.ts';

/** Who sits before the page, what is shown, and how to do something. */
export interface Desk {
  readonly live: Snapshot;
  readonly me: Person;
  /** Does a gesture as `me`; what goes wrong is shown in words. */
  act(gesture: Readonly<Record<string, unknown>>): Promise<Reply<Outcome>>;
  openThread(channel: string, ts: string): void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

/** The desk; only inside the app. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('useDesk is for components inside the app.');
  return desk;
}
