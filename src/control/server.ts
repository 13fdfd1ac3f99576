import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { accountOf, newProof } from './proof.ts';
import type { Card, Said } from './wire.ts';

/** What the command line may ask of a running bot. */
export interface Controlled {
  /** Runs one slash command as the operator of this account. */
  run(account: string, line: string, breakGlass?: string): Promise<Said>;
  /** What a card says now; undefined when there is none. */
  card(about: { service: string; version: number } | { deployment: string }): Promise<Card | undefined>;
}

const order = z.strictObject({
  proof: z.string(),
  line: z.string().max(4_000),
  breakGlass: z.string().max(1_000).optional(),
});
const about = z.union([
  z.strictObject({ proof: z.string(), service: z.string(), version: z.int() }),
  z.strictObject({ proof: z.string(), deployment: z.string() }),
]);
/** A proof is asked for and used within seconds; those that were never used are forgotten. */
const proofsKept = 64;

interface Options {
  /** Absolute path of the socket. Its folder decides who can reach it. */
  socket: string;
  /** Names of people by their accounts on this machine. */
  operators: ReadonlyMap<string, string>;
  controlled: Controlled;
  onError: (error: unknown) => void;
}

/**
 * Serves `bakery run` on a Unix socket: plain HTTP with JSON. Who asks is the account that made the proof, looked up
 * among the configured operators at each request. Throws when the path is too long for a socket or cannot be written.
 */
export async function serveControl(options: Options): Promise<() => Promise<void>> {
  const { socket } = options;
  // Only the coordinator comes here, under its lock: a socket that is there is a dead one's.
  await rm(socket, { force: true });
  const proofs = new Set<string>();
  const server = createServer((request, response) => {
    answer(request, options, proofs)
      .catch((error: unknown) => {
        options.onError(error);
        return { status: 500, body: { problem: 'Bakery failed at this. See its log.' } };
      })
      .then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  await chmod(socket, 0o660);
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}

interface Reply {
  status: number;
  body: object;
}

const no = (status: number, problem: string): Reply => ({ status, body: { problem } });

async function answer(request: IncomingMessage, options: Options, proofs: Set<string>): Promise<Reply> {
  if (request.method !== 'POST') return no(404, 'There is nothing here.');
  if (request.url === '/proof') return { status: 200, body: { proof: remember(proofs) } };
  const given: unknown = await json(request).catch(() => undefined);
  const parsed = (request.url === '/run' ? order : about).safeParse(given);
  if (!parsed.success) return no(400, 'That was not understood: this bakery and the running one differ.');
  const { data } = parsed;
  const who = proofs.has(data.proof) ? await accountOf(options.socket, data.proof) : undefined;
  if (who === undefined) return no(403, 'It was not proven which account asks. Nothing was done.');
  if (!options.operators.has(who))
    return no(
      403,
      `The account ${who} is no operator. Nothing was done. Name it under operators: in bot.yaml.`,
    );
  if ('line' in data) {
    proofs.delete(data.proof);
    return { status: 200, body: await options.controlled.run(who, data.line, data.breakGlass) };
  }
  const { proof: _, ...which } = data;
  const card = await options.controlled.card(which);
  return card === undefined ? no(404, 'There is no such card.') : { status: 200, body: card };
}

function remember(proofs: Set<string>): string {
  const proof = newProof();
  proofs.add(proof);
  const [oldest] = proofs;
  if (proofs.size > proofsKept && oldest !== undefined) proofs.delete(oldest);
  return proof;
}
