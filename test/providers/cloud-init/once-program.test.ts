import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { onceProgram } from '../../../src/providers/cloud-init/once-program.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** What the object store does with the next of these: answers by a status, or does it and is never heard. */
type Trouble = { name: string; status: number } | { name: string; after: true };

/** An object store with addresses that are good by themselves, and the conditional write that S3 and Swift know. */
async function objectStore() {
  const objects = new Map<string, string>();
  const troubles: Trouble[] = [];
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const name = (request.url ?? '').slice(1);
    asked.push(`${request.method} ${name}`);
    const at = troubles.findIndex((one) => one.name === name && request.method === 'PUT');
    const [trouble] = at < 0 ? [] : troubles.splice(at, 1);
    const answer = (status: number, text = '') => response.writeHead(status).end(text);
    if (trouble !== undefined && 'status' in trouble) return answer(trouble.status);
    if (request.method === 'GET') return answer(objects.has(name) ? 200 : 404, objects.get(name));
    if (request.headers['if-none-match'] === '*' && objects.has(name)) return answer(412);
    objects.set(name, Buffer.concat(parts).toString());
    return trouble === undefined ? answer(200) : request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  const read = (name: string): Record<string, unknown> | undefined =>
    objects.has(name) ? JSON.parse(objects.get(name) ?? '') : undefined;
  return { objects, troubles, asked, url, read };
}

type Store = Awaited<ReturnType<typeof objectStore>>;

/** A machine as far as the program sees it: its files, and systemd, whose command is a line of shell. */
function machine(store: Store, id: string) {
  const folder = tempFolder();
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('bin'));
  const settings =
    'variables = {"PASSWORD": "open sesame", "GREETING": "hello"}\nvalues = {"KEY": "two\\nlines"}\n';
  writeFileSync(at('settings.py'), settings);
  writeFileSync(at('instance-id'), `${id}\n`);
  const plan = { began: 'began', read: 'began', output: 'output', end: 'end' };
  const urls = Object.fromEntries(Object.entries(plan).map(([key, name]) => [key, store.url + name]));
  writeFileSync(at('once.json'), JSON.stringify({ ...urls, lines: 200, every: 0.02, hidden: ['PASSWORD'] }));
  const program = (name: string, lines: string[]): void => {
    writeFileSync(at(`bin/${name}`), ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(at(`bin/${name}`), 0o755);
  };
  const runs = (command: string, shown = ''): void => {
    program('systemctl', [
      `case $1 in start) echo run >> ${at('runs')}; ${command};; show) ${shown};; poweroff) touch ${at('off')};; esac`,
    ]);
  };
  const writes = (text: string): void => writeFileSync(at('journal'), text);
  program('journalctl', [`case $1 in --sync) ;; *) cat ${at('journal')};; esac`]);
  writes('');
  runs(':');
  const text = `import time\ntime.sleep = lambda _: None\n${onceProgram}`
    .replaceAll('/etc/bakery/once.json', at('once.json'))
    .replaceAll('/var/lib/bakery', at('kept'))
    .replaceAll('/var/lib/cloud/data/instance-id', at('instance-id'))
    .replaceAll('/usr/local/lib/bakery/settings.py', at('settings.py'));
  writeFileSync(at('once.py'), text);
  return {
    at,
    runs,
    writes,
    breaksSettings: () => writeFileSync(at('settings.py'), 'raise SystemExit("GetParameter: denied")\n'),
    /** Switches it on, and waits until the program has ended; gives what it wrote to the console. */
    start: async (): Promise<string> => {
      const env = { PATH: `${at('bin')}:${process.env.PATH}` };
      return (await promisify(execFile)('python3', [at('once.py')], { env })).stdout;
    },
    /** How often the command was run. */
    ran: (): number =>
      existsSync(at('runs')) ? readFileSync(at('runs'), 'utf8').trim().split('\n').length : 0,
    isOff: (): boolean => existsSync(at('off')),
  };
}

it('tells that it began, how it ended and its last lines, and switches its machine off', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  made.writes('milled\n\nbaked\n');
  await made.start();
  expect(store.asked).toEqual(['PUT began', 'PUT end']);
  expect(store.read('began')).toMatchObject({ machine: 'i-1' });
  const lines = ['milled', '', 'baked'];
  expect(store.read('end')).toEqual({ is: 'ended', machine: 'i-1', result: 'success', status: 0, lines });
  expect(made.isOff()).toBe(true);
});

it('tells its last lines while it runs, and goes on where they cannot be told', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  made.writes('milled with open sesame\n');
  made.runs(`until [ -e ${made.at('go')} ]; do sleep 0.02; done`);
  store.troubles.push({ name: 'output', status: 500 });
  const running = made.start();
  await expect.poll(() => store.read('output'), { timeout: 10_000 }).toEqual(['milled with [secret]']);
  expect([store.read('began')?.machine, store.read('end')]).toEqual(['i-1', undefined]);
  writeFileSync(made.at('go'), '');
  await running;
  expect(store.read('end')).toMatchObject({ result: 'success' });
});

it('tells an exit code, and what was ended at its time', async () => {
  const store = await objectStore();
  for (const [id, result, status] of [
    ['i-1', 'exit-code', 3],
    ['i-2', 'timeout', 15],
  ] as const) {
    store.objects.clear();
    const made = machine(store, id);
    made.runs('exit 1', `echo "Result=${result}"; echo "ExecMainStatus=${status}"`);
    await made.start();
    expect(store.read('end')).toMatchObject({ is: 'ended', result, status });
  }
});

it('takes a command that was told to end, and did so in good order, for no success', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  made.runs('exit 1', 'echo Result=success; echo ExecMainStatus=0');
  await made.start();
  expect(store.read('end')).toMatchObject({ is: 'interrupted' });
});

it('takes secrets out of what it tells: those that it read itself, and those that came as variables', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  const encoded = Buffer.from('open sesame').toString('base64');
  made.writes(
    `with open sesame\nas ${encoded} and open%20sesame\nkey lines\nhello\n${'x'.repeat(1_995)}open sesame\n`,
  );
  await made.start();
  const long = `${'x'.repeat(1_995)}[secr`;
  expect(store.read('end')?.lines).toEqual([
    ...['with [secret]', 'as [secret] and [secret]', 'key [secret]', 'hello', long],
  ]);
});

it('begins nothing that it could not tell of', async () => {
  const store = await objectStore();
  for (const status of [403, 500]) {
    const made = machine(store, 'i-1');
    store.troubles.splice(0, 99, ...Array.from({ length: 8 }, () => ({ name: 'began', status })));
    expect(await made.start()).toMatch(/^bakery: 127\.0\.0\.1:\d+ could not be asked: HTTP Error \d+/);
    expect([made.ran(), made.isOff(), store.objects.size]).toEqual([0, true, 0]);
  }
});

it('begins once, though it did not hear that it may', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  store.troubles.push({ name: 'began', after: true }, { name: 'end', after: true });
  await made.start();
  expect(made.ran()).toBe(1);
  expect(store.read('end')).toMatchObject({ is: 'ended', result: 'success' });
});

it('begins nothing that another machine has begun, and tells no end of it', async () => {
  const store = await objectStore();
  const [first, second] = [machine(store, 'i-1'), machine(store, 'i-2')];
  second.breaksSettings();
  await first.start();
  const end = store.read('end');
  expect(await second.start()).toBe('bakery: another machine runs this command, so this one does not\n');
  // Not after a start in between either.
  await second.start();
  expect([first.ran(), second.ran(), second.isOff()]).toEqual([1, 0, true]);
  expect(store.read('end')).toEqual(end);
  expect(store.read('began')).toMatchObject({ machine: 'i-1' });
});

it('is not run again by a start of its machine in the middle, which is told', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  // The plug is pulled while systemd runs the command.
  made.runs('kill -9 $PPID');
  await made.start().catch(() => undefined);
  expect([made.ran(), store.read('end')]).toEqual([1, undefined]);
  await made.start();
  expect([made.ran(), store.read('end')]).toEqual([1, { is: 'interrupted', machine: 'i-1', lines: [] }]);
});

it('tells an end that nobody heard of when its machine starts anew', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  made.writes('milled\n');
  store.troubles.push({ name: 'end', status: 403 });
  await made.start();
  expect(store.read('end')).toBeUndefined();
  await made.start();
  expect([made.ran(), store.read('end')]).toMatchObject([1, { is: 'ended', lines: ['milled'] }]);
});

it('tells why it was not begun when its settings cannot be put in place', async () => {
  const store = await objectStore();
  const made = machine(store, 'i-1');
  made.breaksSettings();
  await made.start();
  expect(made.ran()).toBe(0);
  expect(store.read('end')).toEqual({ is: 'not begun', machine: 'i-1', sentence: 'GetParameter: denied' });
});
