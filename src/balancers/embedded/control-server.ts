import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { attached, detached, drained, shifted } from '../rules.ts';
import type { Slots } from './slots.ts';

/** What the adapter may ask, by name. Only this user's processes reach the socket, so the shapes are ours. */
export interface ControlCalls {
  hello: Record<string, never>;
  stop: Record<string, never>;
  members: { frontend: Frontend };
  attach: { frontend: Frontend; instance: Instance; path: string; epoch: number };
  shift: { frontend: Frontend; weights: Record<string, number>; epoch: number };
  drain: { frontend: Frontend; instance: string; epoch: number };
  detach: { frontend: Frontend; instance: string; epoch: number };
}

type Calls = { [Name in keyof ControlCalls]: (input: ControlCalls[Name]) => unknown };

/** Answers the adapter: JSON over HTTP, one path per call. `stop` is called once it was answered. */
export function controlServer(slots: Slots, stop: () => void): Server {
  const calls: Calls = {
    hello: () => ({ pid: process.pid }),
    stop: () => ({ pid: process.pid }),
    members: ({ frontend }) => slots.members(frontend),
    attach: ({ frontend, instance, path, epoch }) =>
      slots.change(frontend, (slot) => attached(slot, instance, path, epoch)),
    shift: ({ frontend, weights, epoch }) =>
      slots.change(frontend, (slot, healthy) => shifted(slot, weights, healthy, epoch)),
    drain: ({ frontend, instance, epoch }) =>
      slots.change(frontend, (slot) => drained(slot, instance, epoch)),
    detach: ({ frontend, instance, epoch }) =>
      slots.change(frontend, (slot, healthy) => detached(slot, instance, healthy, epoch)),
  };
  return createServer((request, response) => {
    const name = request.url?.slice(1) ?? '';
    void answer(calls, name, request, response).then(() => {
      if (name === 'stop') stop();
    });
  });
}

async function answer(
  calls: Calls,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!isCall(calls, name)) return send(response, 404, { fault: 'bug', sentence: `No call "${name}".` });
    // The name decides the input's shape; the adapter is typed by the same interface.
    const call = calls[name] as (input: unknown) => unknown;
    send(response, 200, await call(await body(request)));
  } catch (error) {
    const failure =
      error instanceof ProviderError
        ? error.failure
        : { fault: 'bug', sentence: `The balancer failed: ${error}` };
    send(response, 409, failure);
  }
}

const isCall = (calls: Calls, name: string): name is keyof Calls => Object.hasOwn(calls, name);

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return parsed;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(value));
}
