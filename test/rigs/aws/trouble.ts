import { rigSays } from './account.ts';

/** What goes wrong with the next calls of an action: refused by a code, or done and never answered (`after`). */
interface Trouble {
  action: string;
  times: number;
  code?: string;
  message?: string;
  status?: number;
  after?: boolean;
  /** Only calls that have these parameters. */
  with?: [string, string][];
}

/** From now on this goes wrong, and nothing else. */
export const inTrouble = (...faults: Trouble[]) => rigSays('faults', faults);
