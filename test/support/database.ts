import { createServer, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A database that machines reach: its columns, who was there (`begin`s in order), and what it does to whom. */
export interface Database {
  url: string;
  columns: Set<string>;
  /** The environments that migrations came from. */
  runs: string[];
  /** Environments whose migrations are refused. */
  refuses: Set<string>;
  /** Environments whose migrations wait until `release`. */
  holds: Set<string>;
  release(): void;
}

/** `host` is this machine's address as others know it. `POST /<environment>` adds a column; `GET` tells all of them. */
export async function openDatabase(host: string): Promise<Database> {
  const [columns, runs] = [new Set<string>(), [] as string[]];
  const [refuses, holds] = [new Set<string>(), new Set<string>()];
  const waiting: (() => void)[] = [];
  const change = (environment: string, column: string, response: ServerResponse): void => {
    const refused = refuses.has(environment);
    if (!refused) columns.add(column);
    response.writeHead(refused ? 500 : 200).end(refused ? 'the table is locked' : `added ${column}`);
  };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const environment = (request.url ?? '').slice(1);
    if (request.method !== 'POST') return response.end([...columns].join());
    runs.push(environment);
    const work = () => change(environment, Buffer.concat(parts).toString(), response);
    return holds.has(environment) ? waiting.push(work) : work();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const release = (): void => {
    holds.clear();
    for (const work of waiting.splice(0)) work();
  };
  const url = `http://${host}:${typeof address === 'object' ? address?.port : 0}/`;
  return { url, columns, runs, refuses, holds, release };
}
