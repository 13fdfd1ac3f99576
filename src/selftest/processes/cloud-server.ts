import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inWords } from '../cloud/alarms.ts';
import type { FaultyCloud } from '../cloud/faulty-cloud.ts';
import type { CloudRequest } from '../cloud/request.ts';
import type { Trouble, Troubles } from '../cloud/troubles.ts';

export interface Hands {
  kill(caller: string): void;
  freeze(caller: string, ms: number): void;
  tell(line: string): void;
}

/** The faulty cloud behind HTTP: it lives on while those who call it are killed, and meets them with mishaps. */
export async function serveCloud(
  cloud: FaultyCloud,
  troubles: Troubles,
  hands: Hands,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    readAll(request).then((text) => {
      // Only the processes of this run know its address.
      const asked = JSON.parse(text) as CloudRequest;
      const caller = `${request.headers['x-caller']}`;
      const trouble = troubles.meets(asked);
      if (trouble === undefined) reply(response, cloud.act(asked, Date.now()));
      else {
        hands.tell(`${caller}: ${inWords(asked)} meets with "${trouble.how}"`);
        meet(cloud, hands, { asked, caller, trouble }, response);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Met {
  asked: CloudRequest;
  caller: string;
  trouble: Trouble;
}

function meet(
  cloud: FaultyCloud,
  hands: Hands,
  { asked, caller, trouble }: Met,
  response: ServerResponse,
): void {
  const act = () => cloud.act(asked, Date.now());
  switch (trouble.how) {
    case 'reply lost':
      act();
      response.destroy();
      return;
    case 'request lost':
      response.destroy();
      return;
    case 'late':
      // Its caller has given up by then.
      setTimeout(act, trouble.ms).unref();
      return;
    case 'refused as busy':
      reply(response, { fault: 'busy', sentence: 'Too many requests.' });
      return;
    case 'caller killed before':
      hands.kill(caller);
      return;
    case 'caller killed after':
      act();
      hands.kill(caller);
      return;
    case 'caller frozen':
      hands.freeze(caller, trouble.ms);
      reply(response, act());
  }
}

const reply = (response: ServerResponse, answer: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
};

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
