import type { Check } from './octavia.ts';

export interface OctaviaSettings {
  /** The cloud's name in clouds.yaml, and where that is; without them OS_CLOUD, or the OS_* variables. */
  cloud?: string | undefined;
  cloudsFile?: string | undefined;
  /** Its name or id. Listeners, pools and monitors below it are Bakery's to make. */
  loadBalancer: string;
  /** Where workers reach its front doors; its own address without it. */
  host?: string | undefined;
  subnet?: string | undefined;
  check: Check;
  /** Milliseconds after which its statistics surely know of a connection. */
  statistics: number;
}
