declare module 'loadtest' {
  export interface LoadResult {
    statusCode: number;
    body: string;
    requestElapsed: number;
  }
  export interface LoadOptions {
    url: string;
    requestsPerSecond: number;
    maxSeconds: number;
    timeout: number;
    agentKeepAlive: boolean;
    quiet: boolean;
    /** Called for every request that ended, well or not. */
    statusCallback(error: Error | string | null, result: LoadResult | undefined): void;
  }
  export function loadTest(options: LoadOptions): Promise<unknown>;
}
