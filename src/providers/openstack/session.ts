import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import { endpointOf, isOffered, type Service } from './catalog.ts';
import type { Cloud } from './cloud.ts';
import { type Answer, type Ask, type Exchange, requestIdHeader } from './exchange.ts';
import { refusalOf, told } from './faults.ts';
import { retryAfter } from './retry-after.ts';
import { jsonOf, login, type Token } from './token.ts';

export interface Question {
  service: Service;
  method?: Ask['method'];
  /** From the service's version on, as `/servers/detail`. */
  path: string;
  body?: unknown;
  /** A file of this machine to be sent as the body. */
  file?: string;
  headers?: Record<string, string>;
  /** Completes "could not". */
  doing: string;
}

export interface Means {
  exchange: Exchange;
  now(): number;
  /** Waits; for tests to replace. */
  pause?(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** A token is not used in its last two minutes: what is asked with it may be passed on to other services. */
const margin = 120_000;
const attempts = 4;

/** One account at one cloud: holds its token, and asks its services. All calls throw ProviderError and nothing else. */
export class Session {
  readonly #cloud: Cloud;
  readonly #means: Means;
  #token: Promise<Token> | undefined;

  constructor(cloud: Cloud, means: Means) {
    this.#cloud = cloud;
    this.#means = means;
  }

  /** What a service answered, checked against `schema`. */
  async ask<Schema extends z.ZodType>(
    question: Question,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.infer<Schema>> {
    const answer = await this.send(question, signal);
    const checked = schema.safeParse(jsonOf(answer.text));
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    throw new ProviderError(
      'unexpected state',
      `OpenStack's ${question.service} service gave an answer of another shape when asked to ${question.doing}: ` +
        `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}${told(answer.header(requestIdHeader))}.`,
    );
  }

  /**
   * The answer of a service, of status 2xx. A token that is refused is renewed once. A request that the service
   * turned away with 413, 429 or 503 and a Retry-After had no effect, and is sent again after it, four times in all.
   */
  async send(question: Question, signal: AbortSignal): Promise<Answer> {
    let renewed = false;
    for (let attempt = 1; ; ) {
      const token = await this.#current(signal);
      const answer = await this.#means.exchange(this.#request(question, token), signal);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (answer.status === 401 && !renewed) {
        renewed = true;
        await this.#drop(token);
        continue;
      }
      const wait = retryAfter(answer, this.#means.now());
      if (wait === undefined || attempt === attempts) throw this.#refused(question, answer);
      attempt += 1;
      await this.#pause(wait, signal);
    }
  }

  #refused({ service, doing }: Question, answer: Answer) {
    const { status, text } = answer;
    return refusalOf({ service, doing, status, text, requestId: answer.header(requestIdHeader) });
  }

  /** Where a service answers, without a slash at its end. */
  async endpoint(service: Service, signal: AbortSignal): Promise<string> {
    return endpointOf((await this.#current(signal)).catalog, this.#cloud, service);
  }

  /** Whether the cloud has such a service. */
  async offers(service: Service, signal: AbortSignal): Promise<boolean> {
    return isOffered((await this.#current(signal)).catalog, this.#cloud, service);
  }

  /** The id of the project that all is asked for. */
  async project(signal: AbortSignal): Promise<string> {
    return (await this.#current(signal)).project;
  }

  /** The names of the roles that the account has in it. */
  async roles(signal: AbortSignal): Promise<string[]> {
    return (await this.#current(signal)).roles;
  }

  #request({ service, method = 'GET', path, body, file, headers }: Question, token: Token): Ask {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return {
      method,
      url: `${endpointOf(token.catalog, this.#cloud, service)}${path}`,
      headers: { ...type, ...headers, 'x-auth-token': token.id },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(file === undefined ? {} : { file }),
    };
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await (this.#means.pause?.(ms, signal) ?? sleep(ms, undefined, { signal }));
    } catch (cause) {
      throw new ProviderError('aborted', 'Waiting for OpenStack was cancelled.', { cause });
    }
  }

  /** One login at a time, shared by all who wait for it. */
  async #current(signal: AbortSignal): Promise<Token> {
    const held = this.#token;
    if (held !== undefined) {
      const token = await unlessAborted(held, signal);
      if (token.expires - margin > this.#means.now()) return token;
      if (this.#token === held) this.#token = undefined;
    }
    this.#token ??= this.#login();
    return unlessAborted(this.#token, signal);
  }

  /** Not ended by the signal of one of those who wait; the exchange has a deadline of its own. */
  #login(): Promise<Token> {
    const asked = login(this.#cloud, this.#means.exchange, new AbortController().signal);
    asked.catch(() => {
      if (this.#token === asked) this.#token = undefined;
    });
    return asked;
  }

  async #drop(token: Token): Promise<void> {
    const held = await this.#token;
    if (held === token) this.#token = undefined;
  }
}

/** What others wait for as well goes on when one of them is cancelled; that one does not wait for it. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = (): ProviderError =>
    new ProviderError('aborted', 'The request to OpenStack was cancelled.');
  if (signal.aborted) throw aborted();
  return new Promise<Value>((resolve, reject) => {
    const cancel = (): void => reject(aborted());
    signal.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}
