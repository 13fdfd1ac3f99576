import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiContext, ApiMethod } from './api/method.ts';
import { SlackRefusal } from './errors.ts';
import { type Fault, Faults } from './faults.ts';
import { text } from './fields.ts';
import { parseBody, readBody, sendJson } from './http.ts';
import { RateLimits } from './limits/rate-limits.ts';
import type { SlackSimulatorOptions } from './options.ts';
import type { ApiCall, Fields } from './types.ts';

const REMEMBERED_CALLS = 20_000;

interface Reply {
  readonly status: number;
  readonly body: Fields;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers `/api/METHOD`: token, scope, rate limit, fault, then the method itself. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  readonly faults = new Faults();
  /** Whether the workspace has taken the bot's token back. */
  revoked = false;
  readonly #methods: Readonly<Record<string, ApiMethod>>;
  readonly #context: ApiContext;
  readonly #options: SlackSimulatorOptions;
  readonly #limits: RateLimits;

  constructor(
    methods: Readonly<Record<string, ApiMethod>>,
    context: ApiContext,
    options: SlackSimulatorOptions,
  ) {
    this.#methods = methods;
    this.#context = context;
    this.#options = options;
    this.#limits = new RateLimits(context.state.now);
  }

  /** Answers one request for a method. */
  async handle(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const query = Object.fromEntries(new URL(request.url ?? '/', this.#context.baseUrl).searchParams);
    const body = parseBody(await readBody(request), request.headers['content-type'] ?? '');
    const { token: tokenInBody, ...args }: Fields = { ...query, ...body };
    const bearer = request.headers.authorization?.replace(/^Bearer\s+/i, '');
    const token = bearer ?? (typeof tokenInBody === 'string' ? tokenInBody : undefined);
    const fault = this.faults.take(method);
    const early = fault !== undefined && fault.afterTaking !== true ? fault : undefined;
    const reply = early === undefined ? this.#answer(method, args, token) : faultReply(early);
    const given = early === undefined && fault !== undefined ? faultReply(fault) : reply;
    this.#remember(method, args, given);
    // A hanging call stays open until its caller or the simulator gives up.
    if (given === undefined) return;
    const scopes =
      this.#options.scopes === undefined ? {} : { 'x-oauth-scopes': this.#options.scopes.join(',') };
    sendJson(response, given.status, given.body, { ...scopes, ...given.headers });
  }

  #answer(method: string, args: Fields, token: string | undefined): Reply {
    try {
      const known = Object.hasOwn(this.#methods, method) ? this.#methods[method] : undefined;
      if (known === undefined) throw new SlackRefusal('unknown_method', { req_method: method });
      this.#checkToken(known, token);
      if (this.#options.rateLimits) this.#limits.count(method, known.tier, text(args, 'channel') ?? '');
      return { status: 200, body: { ok: true, ...known.answer(args, this.#context) } };
    } catch (error) {
      if (!(error instanceof SlackRefusal)) throw error;
      const body = { ok: false, error: error.code, ...error.more };
      if (error.code !== 'ratelimited') return { status: 200, body };
      return { status: 429, body, headers: { 'retry-after': String(error.more.retryAfter) } };
    }
  }

  #checkToken(method: ApiMethod, token: string | undefined): void {
    const { botToken, appToken, scopes } = this.#options;
    if (token === undefined || token === '') throw new SlackRefusal('not_authed');
    if (token !== botToken && token !== appToken) throw new SlackRefusal('invalid_auth');
    if (this.revoked && token === botToken) throw new SlackRefusal('token_revoked');
    if (token !== (method.token === 'app' ? appToken : botToken))
      throw new SlackRefusal('not_allowed_token_type');
    if (method.token === 'app' || method.scope === undefined || scopes === undefined) return;
    if (!scopes.includes(method.scope)) {
      throw new SlackRefusal('missing_scope', { needed: method.scope, provided: scopes.join(',') });
    }
  }

  #remember(method: string, args: Fields, reply: Reply | undefined): void {
    const error = reply === undefined ? 'no answer' : reply.body.error;
    this.calls.push({
      at: this.#context.state.now(),
      method,
      args,
      status: reply?.status ?? 0,
      ...(typeof error === 'string' ? { error } : {}),
    });
    if (this.calls.length > REMEMBERED_CALLS) this.calls.splice(0, REMEMBERED_CALLS / 2);
  }
}

/** What a fault answers; undefined for one that never does. */
function faultReply(fault: Fault): Reply | undefined {
  if (fault.hang || (fault.error === undefined && fault.status === undefined)) return undefined;
  if (fault.status === 429) {
    const headers = { 'retry-after': String(fault.retryAfter ?? 1) };
    return { status: 429, body: { ok: false, error: 'ratelimited' }, headers };
  }
  return { status: fault.status ?? 200, body: { ok: false, error: fault.error ?? 'internal_error' } };
}
