import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brokenLimits } from './slack-limits.ts';

export interface Call {
  method: string;
  args: Record<string, string>;
}

export interface Shown {
  channel: string;
  ts: string;
  text: string;
  blocks: object[];
  metadata?: { event_type: string; event_payload: { key: string } };
  thread_ts?: string;
  reply_broadcast?: boolean;
}

/** What Slack answers instead of doing it; `after` does it first, and then loses or replaces the answer. */
export interface Fault {
  status?: number;
  retryAfter?: number;
  error?: string;
  /** Never answers. */
  silent?: boolean;
  after?: boolean;
}

export interface FakeSlack {
  url: string;
  calls: Call[];
  /** What the channels show now, in order. */
  messages: Shown[];
  ephemerals: { user: string; text: string; blocks: object[] }[];
  /** What came over a response_url. */
  responses: { text: string; blocks: object[]; replace_original?: boolean }[];
  responseUrl: string;
  views: object[];
  users: Map<string, object>;
  /** Who is in a user group, by its id. */
  groups: Map<string, string[]>;
  /** Whose an e-mail address is. */
  mailboxes: Map<string, { id: string; team_id: string }>;
  /** Answers the next calls of a method so, one each. */
  fail(method: string, ...faults: Fault[]): void;
  of(method: string): Call[];
  close(): Promise<void>;
}

/** A small Slack over real HTTP: enough of the Web API for the messenger, refusing what breaks a limit. */
export async function startFakeSlack(team = 'T1'): Promise<FakeSlack> {
  const faults = new Map<string, Fault[]>();
  let clock = 1;

  const server = createServer((request, response) => {
    void body(request).then((text) => {
      const path = request.url ?? '';
      if (path.startsWith('/response/')) return respond(text, response);
      return handle(path.replace('/api/', ''), text, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const slack: FakeSlack = {
    url: `http://127.0.0.1:${port}/api/`,
    responseUrl: `http://127.0.0.1:${port}/response/1`,
    calls: [],
    messages: [],
    ephemerals: [],
    responses: [],
    views: [],
    groups: new Map(),
    mailboxes: new Map(),
    users: new Map([
      ['UANN', { team_id: 'T1' }],
      ['UBOB', { team_id: 'T1' }],
      ['UGUEST', { team_id: 'T1', is_restricted: true }],
      ['UGONE', { team_id: 'T1', deleted: true }],
      ['UBOT', { team_id: 'T1', is_bot: true }],
      ['UALIEN', { team_id: 'T2' }],
    ]),
    fail: (method, ...more) => faults.set(method, [...(faults.get(method) ?? []), ...more]),
    of: (method) => slack.calls.filter((call) => call.method === method),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function respond(text: string, response: ServerResponse): void {
    slack.responses.push(JSON.parse(text));
    response.end('ok');
  }

  function handle(method: string, text: string, response: ServerResponse): void {
    const args = Object.fromEntries(new URLSearchParams(text));
    slack.calls.push({ method, args });
    const fault = faults.get(method)?.shift();
    if (fault?.after) act(method, args);
    if (fault?.silent) return;
    if (fault?.status !== undefined) {
      response.writeHead(
        fault.status,
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
      );
      response.end('slack is away');
      return;
    }
    const answer = fault?.error === undefined ? act(method, args) : { ok: false, error: fault.error };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }

  function act(method: string, args: Record<string, string>): object {
    const blocks: object[] = JSON.parse(args.blocks ?? '[]');
    const text = args.text ?? '';
    switch (method) {
      case 'chat.postMessage':
      case 'chat.update': {
        if (brokenLimits({ text, blocks }).length > 0) return { ok: false, error: 'invalid_blocks' };
        return method === 'chat.update' ? update(args, text, blocks) : add(args, text, blocks);
      }
      case 'chat.postEphemeral':
        slack.ephemerals.push({ user: args.user ?? '', text, blocks });
        return { ok: true };
      case 'conversations.history':
        return {
          ok: true,
          messages: slack.messages.filter((one) => one.channel === args.channel && !one.thread_ts),
        };
      case 'conversations.replies':
        return {
          ok: true,
          messages: slack.messages.filter((one) => one.ts === args.ts || one.thread_ts === args.ts),
        };
      case 'auth.test':
        return { ok: true, team_id: team, user_id: 'UBAKERY' };
      case 'users.info': {
        const user = slack.users.get(args.user ?? '');
        return user === undefined
          ? { ok: false, error: 'user_not_found' }
          : { ok: true, user: { id: args.user, ...user } };
      }
      case 'usergroups.users.list': {
        const users = slack.groups.get(args.usergroup ?? '');
        return users === undefined ? { ok: false, error: 'no_such_subteam' } : { ok: true, users };
      }
      case 'users.lookupByEmail': {
        const user = slack.mailboxes.get(args.email ?? '');
        return user === undefined ? { ok: false, error: 'users_not_found' } : { ok: true, user };
      }
      case 'views.publish':
        return { ok: true };
      case 'views.open':
        slack.views.push(JSON.parse(args.view ?? '{}'));
        return { ok: true };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  function add(args: Record<string, string>, text: string, blocks: object[]): object {
    const ts = `1700000000.${String(clock++).padStart(6, '0')}`;
    const channel = args.channel ?? '';
    slack.messages.push({
      channel,
      ts,
      text,
      blocks,
      ...(args.metadata === undefined ? {} : { metadata: JSON.parse(args.metadata) }),
      ...(args.thread_ts === undefined ? {} : { thread_ts: args.thread_ts }),
      ...(args.reply_broadcast === 'true' ? { reply_broadcast: true } : {}),
    });
    return { ok: true, channel, ts };
  }

  function update(args: Record<string, string>, text: string, blocks: object[]): object {
    const index = slack.messages.findIndex((one) => one.ts === args.ts && one.channel === args.channel);
    const message = slack.messages[index];
    if (message === undefined) return { ok: false, error: 'message_not_found' };
    slack.messages[index] = { ...message, text, blocks };
    return { ok: true, channel: message.channel, ts: message.ts };
  }

  return slack;
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
