import { loadTest } from 'loadtest';

/** What the load saw since the last report. Times are milliseconds since the epoch. */
export interface LoadReport {
  at: number;
  sent: number;
  failed: number;
  byVersion: Record<string, number>;
  /** When each version answered last in this report. */
  lastAt: Record<string, number>;
  firstAt: Record<string, number>;
  /** Why requests failed. */
  reasons: string[];
}

const reportEvery = 100;
const [url = '', rate = '60', seconds = '3600'] = process.argv.slice(2);

const empty = (): LoadReport => ({
  at: Date.now(),
  sent: 0,
  failed: 0,
  byVersion: {},
  lastAt: {},
  firstAt: {},
  reasons: [],
});

let report = empty();

/** The version that an answer names; `?` when it names none. */
function versionOf(body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === 'object' && answer !== null && 'version' in answer) return String(answer.version);
  } catch {
    // Not an answer of the service.
  }
  return '?';
}

function count(error: Error | string | null, result: { statusCode: number; body: string } | undefined): void {
  report.sent += 1;
  const status = result?.statusCode ?? 0;
  if (error !== null || status >= 500 || status === 0) {
    report.failed += 1;
    report.reasons.push(error === null ? `status ${status}` : String(error));
    return;
  }
  const version = versionOf(result?.body ?? '');
  const now = Date.now();
  report.byVersion[version] = (report.byVersion[version] ?? 0) + 1;
  report.firstAt[version] ??= now;
  report.lastAt[version] = now;
}

const timer = setInterval(() => {
  process.send?.({ ...report, at: Date.now() });
  report = empty();
}, reportEvery);

process.on('disconnect', () => process.exit(0));

await loadTest({
  url,
  requestsPerSecond: Number(rate),
  maxSeconds: Number(seconds),
  timeout: 10_000,
  agentKeepAlive: true,
  quiet: true,
  statusCallback: count,
});
clearInterval(timer);
process.send?.({ ...report, at: Date.now() });
process.disconnect?.();
