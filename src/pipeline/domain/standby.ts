import type { At, Millis } from './time.ts';

/** What an environment would go back to, and how sure it is that it can. A row of its own: looks are no events. */
export interface Standby {
  service: string;
  environment: string;
  /** The version that was live at the look. */
  live: number;
  /** What `/rollback` would bring back; undefined when there is nothing. */
  version?: number;
  checkedAt: At;
  /** Of its image. */
  state: 'present' | 'changed' | 'gone' | 'none';
  because?: string;
  /** The last time that it was started beside what is live, and taken down again. */
  rehearsal?: { version: number; at: At; passed: boolean; startedIn?: Millis; because?: string };
}
