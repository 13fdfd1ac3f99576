import { createServer, request as httpRequest } from 'node:http';
import { refusal } from './xml.mjs';

/**
 * Between the SDK and moto: adds what AWS does and moto does not (`rules`, by action), and does what tests ask it to do
 * wrong. A refusal of a rule is thrown as `{ code, message, status }`.
 */
export class RigProxy {
  constructor(moto, rules) {
    this.moto = moto;
    this.rules = rules;
    this.calls = [];
    this.faults = [];
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => {
        console.error('rig proxy:', error);
        response.statusCode = 500;
        response.end(String(error));
      });
    });
  }

  async listen(host) {
    await new Promise((resolve) => this.server.listen(0, host, resolve));
    this.url = `http://${host}:${this.server.address().port}`;
    return this.url;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async #handle(request, response) {
    const body = await bytesOf(request);
    if (request.url?.startsWith('/_rig/')) return this.#control(request, body, response);
    const asked = readCall(request, body);
    if (asked.action !== undefined) this.calls.push(`${asked.service}:${asked.action}`);
    const forward = (changed) => this.#forward(request, changed ?? body);
    const fault = this.#faultFor(asked);
    if (fault?.code !== undefined && !fault.after) return refuse(response, asked, fault);
    try {
      const rule = this.rules[`${asked.service}:${asked.action}`];
      const answer = rule === undefined ? await forward() : await rule(asked, forward);
      // What was asked for is done, and nobody hears of it.
      if (fault?.after) return request.socket.destroy();
      response.writeHead(answer.status ?? 200, answer.headers ?? { 'content-type': 'text/xml' });
      response.end(answer.body);
    } catch (error) {
      if (error?.code === undefined || error?.message === undefined || error instanceof Error) throw error;
      refuse(response, asked, error);
    }
  }

  #faultFor({ service, action, params }) {
    const at = this.faults.findIndex(
      (one) =>
        one.action === `${service}:${action}` &&
        one.times > 0 &&
        (one.with === undefined || one.with.every(([name, value]) => params?.get(name) === value)),
    );
    if (at < 0) return undefined;
    this.faults[at].times -= 1;
    return this.faults[at];
  }

  /** `POST /_rig/faults` sets what is to go wrong, `GET /_rig/calls` tells what was asked, `POST /_rig/do` acts. */
  async #control(request, body, response) {
    const told = body.length === 0 ? undefined : JSON.parse(body.toString('utf8'));
    let answer = {};
    if (request.url === '/_rig/faults') this.faults = told;
    else if (request.url === '/_rig/calls') answer = this.calls;
    else answer = (await this.acts?.[request.url?.slice('/_rig/'.length)]?.(told)) ?? {};
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }

  #forward({ method, url, headers }, body) {
    const { hostname, port } = new URL(this.moto);
    const sent = { ...headers, 'content-length': body.length };
    delete sent['transfer-encoding'];
    return new Promise((resolve, reject) => {
      const upstream = httpRequest({ hostname, port, method, path: url, headers: sent }, async (answer) => {
        const text = await bytesOf(answer);
        const given = { ...answer.headers };
        for (const name of ['connection', 'transfer-encoding', 'content-length']) delete given[name];
        resolve({ status: answer.statusCode, headers: given, body: text });
      });
      upstream.once('error', reject);
      upstream.end(body);
    });
  }
}

/**
 * Rules of which `outer` stand around `inner`: they are given, beside the way to moto, what goes on inside, with the call
 * as it came or as they changed it.
 */
export function around(outer, inner) {
  const wrapped = Object.entries(outer).map(([name, rule]) => [
    name,
    (asked, forward) =>
      rule(asked, forward, (changed = asked) => {
        const on = (body) => forward(body ?? Buffer.from(changed.params.toString()));
        return inner[name] === undefined ? on() : inner[name](changed, on);
      }),
  ]);
  return { ...inner, ...Object.fromEntries(wrapped) };
}

function refuse(response, { service }, { code, message = code, status = 400 }) {
  response.writeHead(status, {
    'content-type': service === 'json' ? 'application/x-amz-json-1.1' : 'text/xml',
  });
  response.end(refusal(service, code, message));
}

async function bytesOf(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Which interface is spoken, and what is asked of it. */
function readCall(request, body) {
  const target = request.headers['x-amz-target'];
  if (target !== undefined)
    return {
      service: 'json',
      action: String(target).split('.').at(-1),
      told: JSON.parse(body.toString('utf8')),
    };
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const params = new URLSearchParams(body.toString('utf8'));
    const service = { '2016-11-15': 'ec2', '2015-12-01': 'elb', '2011-06-15': 'sts' }[
      params.get('Version') ?? ''
    ];
    const [, key, region] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    if (service !== undefined)
      return { service, action: params.get('Action') ?? undefined, params, key, region };
  }
  return { service: 's3', action: `${request.method}`, url: request.url };
}
