import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fromRig } from '../../support/rig.ts';

/** What happens to requests that fit, the first `times` of them. */
export interface Rule {
  service: 'identity' | 'compute' | 'image' | 'network';
  method: string;
  path: RegExp;
  times: number;
  /** Passed on, and the answer thrown away; answered by the proxy itself; held back; or its answer changed. */
  does:
    | { kind: 'lose' }
    | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: object }
    | { kind: 'delay'; ms: number }
    | { kind: 'change'; from: string; to: string };
}

const services = {
  identity: 'BAKERY_TEST_OPENSTACK_IDENTITY',
  compute: 'BAKERY_TEST_OPENSTACK_COMPUTE',
  image: 'BAKERY_TEST_OPENSTACK_IMAGE',
  network: 'BAKERY_TEST_OPENSTACK_NETWORK',
} as const;

/** Stands between the provider and the interfaces of the cloud, and does what networks and services do on bad days. */
export class FaultProxy {
  readonly rules: Rule[] = [];
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });
  /** How often a rule was met. */
  met = 0;

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  rule(rule: Rule): void {
    this.rules.push(rule);
  }

  /** The variables by which a cloud is reached through it. */
  env(): Record<string, string> {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const at = (service: string): string => `http://127.0.0.1:${port}/${service}`;
    return {
      OS_AUTH_URL: `${at('identity')}/v3`,
      OS_COMPUTE_ENDPOINT_OVERRIDE: `${at('compute')}/v2.1`,
      OS_IMAGE_ENDPOINT_OVERRIDE: `${at('image')}/v2`,
      OS_NETWORK_ENDPOINT_OVERRIDE: `${at('network')}/v2.0`,
    };
  }

  #ruleFor(service: string, method: string, path: string): Rule | undefined {
    const rule = this.rules.find(
      (one) => one.service === service && one.method === method && one.times > 0 && one.path.test(path),
    );
    if (rule === undefined) return undefined;
    rule.times -= 1;
    this.met += 1;
    return rule;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, service = '', path = ''] = /^\/([a-z]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const variable = Object.entries(services).find(([name]) => name === service)?.[1];
    if (variable === undefined) throw new Error(`no service ${service}`);
    const body = await whole(request);
    const does = this.#ruleFor(service, request.method ?? '', path)?.does;
    if (does?.kind === 'delay') await pause(does.ms);
    if (does?.kind === 'answer')
      return void response
        .writeHead(does.status, { 'content-type': 'application/json', ...does.headers })
        .end(JSON.stringify(does.body ?? {}));
    const answer = await asked(`${fromRig(variable)}${path}`, request, body);
    const text = await whole(answer);
    if (does?.kind === 'lose') return void response.destroy();
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
    const told = does?.kind === 'change' ? Buffer.from(text.toString().replaceAll(does.from, does.to)) : text;
    response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': told.length }).end(told);
  }
}

const asked = (url: string, { method, headers }: IncomingMessage, body: Buffer) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { host: _, ...rest } = headers;
    const out = ask(url, { method, headers: rest, agent: false }, resolve);
    out.on('error', reject).end(body);
  });

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
