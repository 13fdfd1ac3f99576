/** Starts HAProxy with `haproxy.cfg` of a folder; resolves when it answers. */
export function startHaproxy(folder: string): Promise<{
  stop(): Promise<void>;
  kill(): Promise<void>;
  reload(): Promise<void>;
}>;
export function ask(path: string, line: string): Promise<string>;
