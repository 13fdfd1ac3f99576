import type { IncomingMessage } from 'node:http';

/** Headers that belong to one connection and are never passed on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
/** Answered or rewritten here. */
const ours = new Set(['expect', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);

/** The request's headers as a member gets them: flat name, value, name, value. */
export function requestHeaders(request: IncomingMessage): string[] {
  const kept = passedOn(request.rawHeaders, ours);
  const forwarded = request.headers['x-forwarded-for'];
  const client = request.socket.remoteAddress ?? '';
  const proto = single(request.headers['x-forwarded-proto']) ?? 'http';
  const host = single(request.headers['x-forwarded-host']) ?? request.headers.host;
  kept.push('X-Forwarded-For', forwarded === undefined ? client : `${forwarded}, ${client}`);
  kept.push('X-Forwarded-Proto', proto);
  if (host !== undefined) kept.push('X-Forwarded-Host', host);
  return kept;
}

/** A member's response headers as the client gets them: repeated ones stay repeated. */
export const responseHeaders = (raw: string[]): string[] => passedOn(raw, new Set());

function passedOn(raw: string[], dropped: ReadonlySet<string>): string[] {
  const named = nominated(raw);
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const key = name.toLowerCase();
    if (hopByHop.has(key) || dropped.has(key) || named.has(key)) continue;
    kept.push(name, raw[i + 1] ?? '');
  }
  return kept;
}

/** Names that the Connection header declares to be of this connection only. */
function nominated(raw: string[]): Set<string> {
  const names = new Set<string>();
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (raw[i]?.toLowerCase() === 'connection')
      for (const name of (raw[i + 1] ?? '').split(',')) names.add(name.trim().toLowerCase());
  names.delete('host');
  names.delete('content-length');
  return names;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
