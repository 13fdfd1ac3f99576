import type { Freeze } from './installation.ts';
import type { At } from './time.ts';

/** What the operators' files say of times. Pure: the same answers for the same time. */
export interface Calendar {
  /** The windows of the configuration that hold at this time, for this service. */
  windows(at: At): Freeze[];
  /** The first working time at or after this one. */
  workingTime(at: At): At;
}

/** No windows, and people work at any time. */
export const openCalendar: Calendar = { windows: () => [], workingTime: (at) => at };
