import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { ProviderError } from '../pipeline/provider.ts';
import { withProof } from './proof.ts';
import { type Card, cardSchema, type Said, saidSchema } from './wire.ts';

const answerTime = 60_000;
const lookAgain = 500;

/** Runs one slash command on the bot behind `socket`. Throws ProviderError `unreachable` or `denied`, with a sentence. */
export async function runLine(socket: string, line: string, breakGlass?: string): Promise<Said> {
  const order = breakGlass === undefined ? { line } : { line, breakGlass };
  return proven(socket, async (proof) => saidSchema.parse(await post(socket, '/run', { proof, ...order })));
}

/** Gives each new line of a card, until nothing on it moves. Resolves to its last state. */
export async function followCard(
  socket: string,
  about: NonNullable<Said['about']>,
  print: (line: string) => void,
): Promise<Card> {
  let shown: string[] = [];
  for (;;) {
    const card = await proven(socket, async (proof) =>
      cardSchema.parse(await post(socket, '/card', { proof, ...about })),
    );
    for (const line of card.lines) if (!shown.includes(line)) print(line);
    shown = card.lines;
    if (!card.moving) return card;
    await pause(lookAgain);
  }
}

async function proven<T>(socket: string, work: (proof: string) => Promise<T>): Promise<T> {
  const { proof } = z.object({ proof: z.string() }).parse(await post(socket, '/proof', {}));
  return withProof(socket, proof, () => work(proof));
}

async function post(socketPath: string, path: string, body: object): Promise<unknown> {
  const { status, answer } = await send(socketPath, path, body).catch((error: NodeJS.ErrnoException) => {
    throw new ProviderError(
      error.code === 'EACCES' ? 'denied' : 'unreachable',
      error.code === 'EACCES'
        ? `This account may not open ${socketPath}. Nothing was done.`
        : `No bot of this configuration runs here (${socketPath}). Nothing was done. Start it with bakery start.`,
      { cause: error },
    );
  });
  const given: unknown = JSON.parse(answer);
  if (status === 200) return given;
  const problem = z.object({ problem: z.string() }).safeParse(given);
  throw new ProviderError('denied', problem.data?.problem ?? `The bot answered ${status}.`);
}

function send(socketPath: string, path: string, body: object): Promise<{ status: number; answer: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        socketPath,
        path,
        method: 'POST',
        timeout: answerTime,
        // A kept connection may be one that the bot has closed meanwhile: what is sent into it is lost.
        agent: false,
        headers: { 'content-type': 'application/json' },
      },
      (response) =>
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject),
    );
    asking.once('error', reject);
    asking.once('timeout', () => asking.destroy(new Error(`no answer within ${answerTime} ms`)));
    asking.end(JSON.stringify(body));
  });
}
