import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { followCard, runLine } from '../../src/control/client.ts';
import { type Controlled, serveControl } from '../../src/control/server.ts';
import type { Card } from '../../src/control/wire.ts';
import { tempFolder } from '../support/temp-folder.ts';

const me = userInfo().username;

const served = async (over: Partial<Controlled> = {}, operators = new Map([[me, 'Ada']])) => {
  const socket = join(tempFolder(), 'control.sock');
  const lines: string[] = [];
  const controlled: Controlled = {
    run: async (account, line) => {
      lines.push(`${account}: ${line}`);
      return { text: 'It is on its way.', refused: false, about: { service: 'hello', version: 3 } };
    },
    card: async () => undefined,
    ...over,
  };
  const errors: unknown[] = [];
  const close = await serveControl({ socket, operators, controlled, onError: (error) => errors.push(error) });
  onTestFinished(close);
  return { socket, lines, errors };
};

const post = (socketPath: string, path: string, body: object): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, method: 'POST' }, (response) =>
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject),
    );
    asking.once('error', reject);
    asking.end(JSON.stringify(body));
  });

test('an operator runs a slash command under the account that the machine knows', async () => {
  const { socket, lines } = await served();
  expect(await runLine(socket, '/bake hello')).toEqual({
    text: 'It is on its way.',
    refused: false,
    about: { service: 'hello', version: 3 },
  });
  expect(lines).toEqual([`${me}: /bake hello`]);
});

test('an account that no operator has is refused with the way to change that, and nothing is done', async () => {
  const { socket, lines } = await served({}, new Map([['somebody-else', 'Ben']]));
  await expect(runLine(socket, '/bake hello')).rejects.toThrow(
    `The account ${me} is no operator. Nothing was done. Name it under operators: in bot.yaml.`,
  );
  expect(lines).toEqual([]);
});

test('who asks is never believed: a proof that was not asked for, not made, or is a file proves nothing', async () => {
  const { socket, lines } = await served();
  const invented = `proof-${'a'.repeat(32)}`;
  expect((await post(socket, '/run', { proof: invented, line: '/bake hello' })).status).toBe(403);
  expect((await post(socket, '/run', { proof: '../../etc', line: '/bake hello' })).status).toBe(403);
  const { proof } = JSON.parse((await post(socket, '/proof', {})).body) as { proof: string };
  expect((await post(socket, '/run', { proof, line: '/bake hello' })).status).toBe(403);
  writeFileSync(join(socket, '..', proof), '');
  expect((await post(socket, '/run', { proof, line: '/bake hello' })).status).toBe(403);
  expect(lines).toEqual([]);
});

test('a proof is good for one command', async () => {
  const { socket, lines } = await served();
  await runLine(socket, '/bake hello');
  await runLine(socket, '/bake hello');
  expect(lines).toHaveLength(2);
});

test('without a running bot the command line says how to start it', async () => {
  await expect(runLine(join(tempFolder(), 'control.sock'), '/bake status')).rejects.toThrow(
    /No bot of this configuration runs here .* Start it with bakery start\./,
  );
});

test('a request that is none is answered with a sentence', async () => {
  const { socket } = await served();
  expect(await post(socket, '/run', { line: 3 })).toMatchObject({ status: 400 });
  expect(await post(socket, '/elsewhere', {})).toMatchObject({ status: 400 });
});

test('a failure of the bot itself is logged, and the person is told where to look', async () => {
  const { socket, errors } = await served({
    run: async () => {
      throw new Error('oops');
    },
  });
  await expect(runLine(socket, '/bake hello')).rejects.toThrow('Bakery failed at this. See its log.');
  expect(errors).toHaveLength(1);
});

test('following prints each line once and ends when nothing moves', async () => {
  const cards: Card[] = [
    { lines: ['hello v3', 'build: running'], moving: true, needsPerson: false, failed: false },
    { lines: ['hello v3', 'build: done'], moving: false, needsPerson: true, failed: false },
  ];
  const { socket } = await served({ card: async () => cards.shift() });
  const printed: string[] = [];
  const last = await followCard(socket, { service: 'hello', version: 3 }, (line) => printed.push(line));
  expect(printed).toEqual(['hello v3', 'build: running', 'build: done']);
  expect(last.needsPerson).toBe(true);
});
