/** One server of a backend, as one process of HAProxy sees it. */
export interface ServerView {
  /** `address:port`, as HAProxy connects to it. */
  at: string;
  weight: number;
  state: 'ready' | 'drain' | 'maint';
  /** By HAProxy's own checks; `unknown` until the first one ended. */
  health: 'healthy' | 'unhealthy' | 'unknown';
  inFlight: number;
  requests: number;
  failed: number;
}

/** A backend in one process of HAProxy. */
export interface BackendView {
  pid: number;
  servers: Map<string, ServerView>;
  /** Where each server's health is asked; undefined when the configuration has no such map. */
  paths: Map<string, string> | undefined;
}

/** Bits of `srv_admin_state` (HAProxy's management guide, `show servers state`). */
const admin = { maint: 0x01 | 0x02 | 0x20 | 0x40, drain: 0x08 | 0x10 };

/**
 * Reads the answers to `show info`, `show stat`, `show servers state` and `show map` of one backend, one after the other:
 * an empty line ends each (HAProxy's management guide, "Unix Socket commands"). Undefined when there is no such backend.
 */
export function parseView(text: string): BackendView | undefined {
  const answers = text.split(/\n\n+/).map((answer) => answer.trim());
  const answer = (has: RegExp): string => answers.find((one) => has.test(one)) ?? '';
  const state = answer(/^# be_id /m);
  const servers = parseServers(answer(/^# pxname,/), state);
  if (servers === undefined) return undefined;
  const map = answers.slice(answers.indexOf(state) + 1).find((one) => one !== '') ?? '';
  return { pid: Number(parseInfo(answer(/^Pid: /m)).get('Pid') ?? 0), servers, paths: parseMap(map) };
}

/** Reads `show info`. */
export const parseInfo = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(': ');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 2)]];
    }),
  );

/** Reads `show map`: `0x55… key value` per line; undefined when there is no such map. */
function parseMap(text: string): Map<string, string> | undefined {
  if (text.includes('Unknown map identifier')) return undefined;
  const entries = text.split('\n').map((line) => line.split(' '));
  return new Map(
    entries.flatMap(([, key, value]): [string, string][] =>
      key === undefined || value === undefined ? [] : [[key, value]],
    ),
  );
}

/** Reads `show stat` and `show servers state` of one backend; undefined when HAProxy has none of this name. */
function parseServers(stat: string, state: string): Map<string, ServerView> | undefined {
  if (!state.includes('# be_id')) return undefined;
  const counters = rows(stat, ',');
  const views = new Map<string, ServerView>();
  for (const row of rows(state, ' ').values()) {
    const name = row['srv_name'] ?? '';
    views.set(name, serverView(row, counters.get(name) ?? {}));
  }
  return views;
}

type Row = Record<string, string | undefined>;

/** A table whose header line begins with `# `, by the name of the server. */
function rows(text: string, separator: string): Map<string, Row> {
  const lines = text.split('\n');
  const head = lines.find((line) => line.startsWith('# '));
  const names = head?.slice(2).split(separator) ?? [];
  const found = lines
    .filter((line) => line !== '' && !line.startsWith('#') && line.includes(separator))
    .map((line) => line.split(separator))
    .map((cells): Row => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  return new Map(found.map((row) => [row['srv_name'] ?? row['svname'] ?? '', row]));
}

function serverView(row: Row, counted: Row): ServerView {
  const number = (text: string | undefined): number => Number(text ?? 0) || 0;
  const bits = number(row['srv_admin_state']);
  const sum = (...names: string[]): number => names.reduce((total, name) => total + number(counted[name]), 0);
  return {
    at: `${row['srv_addr'] ?? ''}:${row['srv_port'] ?? ''}`,
    weight: number(row['srv_uweight']),
    state: (bits & admin.maint) !== 0 ? 'maint' : (bits & admin.drain) !== 0 ? 'drain' : 'ready',
    health: healthOf(number(row['srv_op_state']), counted['check_status'] ?? ''),
    inFlight: sum('scur', 'qcur'),
    requests: sum('hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other', 'econ', 'eresp'),
    failed: sum('hrsp_5xx', 'econ', 'eresp'),
  };
}

function healthOf(operational: number, check: string): ServerView['health'] {
  if (check === '' || check.includes('INI') || check.includes('UNK')) return 'unknown';
  return operational === 0 ? 'unhealthy' : 'healthy';
}
