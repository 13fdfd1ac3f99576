import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from '../../src/pipeline/domain/command.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { type WebhookParts, webhooks } from '../../src/triggers/webhook.ts';

export type Order = Parameters<Pipeline['requestRelease']>[0];

export const policy = (over: Partial<ServicePolicy> = {}): ServicePolicy => ({
  service: 'hello',
  repository: 'https://github.com/acme/hello.git',
  folder: '.',
  branch: 'main',
  channel: 'C001',
  provider: 'machine',
  people: { bake: [], approve: [], rollback: [], retire: [] },
  verify: { digest: 'sha256:0', values: {} },
  environments: [],
  ...over,
});

/** The front door's one method, with what was asked of it and what it answers next. */
export function frontDoor() {
  const orders: Order[] = [];
  const answers: (Answer | Error)[] = [];
  return {
    orders,
    answers,
    pipeline: {
      async requestRelease(order: Order): Promise<Answer> {
        orders.push(order);
        const next = answers.shift() ?? { accepted: true, sentence: 'v1 is being built.', version: 1 };
        if (next instanceof Error) throw next;
        return next;
      },
    },
  };
}

/** Webhooks behind a real socket. */
export async function receiver(over: Partial<WebhookParts> = {}) {
  const door = frontDoor();
  const seen = new Set<string>();
  const handler = webhooks({
    pipeline: door.pipeline,
    policies: () => [policy()],
    secrets: { github: 'gh', gitlab: 'gl', generic: 'ge' },
    now: () => 1_000_000_000,
    firstTime: async (source, id) => seen.size < seen.add(`${source}/${id}`).size,
    ...over,
  });
  const server = createServer((request, response) => {
    void handler(request, response).then((taken) => {
      if (!taken) response.writeHead(418).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = async (path: string, body: string, headers: Record<string, string> = {}, method = 'POST') => {
    const init = { method, headers, ...(method === 'POST' ? { body } : {}) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: answer.status, text: (await answer.text()).trim(), headers: answer.headers };
  };
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { ...door, send, port, close };
}
