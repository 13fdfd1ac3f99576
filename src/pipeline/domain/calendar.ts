import type { Freeze } from './installation.ts';
import type { At } from './time.ts';

/** What the operators' files say of times. Pure: the same answers for the same time. */
export interface Calendar {
  /** The windows of the configuration that hold at this time, for this service. */
  windows(at: At): Freeze[];
  /** Those that began after the first time and not after the second, whether they are over by then or not. */
  begun(after: At, at: At): Freeze[];
  /** The first time at or after this one at which somebody of these (`team/user`) works, each in his own zone. */
  workingTime(at: At, who?: readonly string[]): At;
}

/** No windows, and people work at any time. */
export const openCalendar: Calendar = {
  windows: () => [],
  begun: () => [],
  workingTime: (at) => at,
};
