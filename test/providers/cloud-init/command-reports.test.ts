import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import { CommandReports, type ReportStore } from '../../../src/providers/cloud-init/command-reports.ts';
import { runningOnceUserData } from '../../../src/providers/cloud-init/running-once.ts';
import { freeCall } from '../../support/settle.ts';

const mark: Mark = {
  ...{ owner: 'us', service: 'hello', version: 3, environment: 'staging' },
  ...{ effect: 'migrate.hello.staging.3', generation: 1, epoch: 2 },
};
const call = freeCall();

/** An object store in memory, whose addresses say what they are for. */
function stand() {
  const objects = new Map<string, string>();
  const store: ReportStore = {
    read: async (name) => objects.get(name),
    address: async (method, name, lasts) => `${method} ${name} for ${lasts}`,
    list: async (prefix) => [...objects.keys()].filter((name) => name.startsWith(prefix)),
    remove: async (name) => void objects.delete(name),
  };
  const reports = new CommandReports(store);
  /** Writes as a machine does: by the address that it was given. */
  const tell = async (of: Mark, what: 'began' | 'output' | 'end', told: unknown): Promise<void> => {
    const urls = await reports.urls(of, { begins: 1, lasts: 2 }, call);
    objects.set(urls[what].split(' ')[1] ?? '', typeof told === 'string' ? told : JSON.stringify(told));
  };
  return { objects, reports, tell };
}

it('a machine may begin for a time, tell its end for longer, and read who began', async () => {
  const { reports } = stand();
  const urls = await reports.urls(mark, { begins: 10, lasts: 99 }, call);
  expect(urls.began).toMatch(/^PUT us\/commands\/.*\/began for 10$/);
  expect(urls.read).toMatch(/^GET us\/commands\/.*\/began for 99$/);
  expect(urls.end).toMatch(/^PUT us\/commands\/.*\/end for 99$/);
});

it('what a machine told of its command is read, its end before all else', async () => {
  const { reports, tell } = stand();
  expect(await reports.said(mark, call)).toEqual({});
  await tell(mark, 'began', { machine: 'i-1', own: 'x' });
  await tell(mark, 'output', ['one', 'two']);
  expect(await reports.said(mark, call)).toEqual({ began: 'i-1' });
  expect(await reports.lines(mark, 1, call)).toEqual(['two']);
  const end = {
    is: 'ended',
    machine: 'i-1',
    result: 'success',
    status: 0,
    lines: ['\u001b[32mdone\u001b[0m'],
  };
  await tell(mark, 'end', end);
  expect(await reports.said(mark, call)).toEqual({ began: 'i-1', end });
  expect(await reports.lines(mark, 9, call)).toEqual(['done']);
});

it('what is no word of a machine is never taken for an end', async () => {
  const { reports, tell } = stand();
  for (const told of ['<html>', '{"is":"ended"}', { is: 'ended', machine: 'i-1', result: 'success' }]) {
    await tell(mark, 'end', told);
    await expect(reports.said(mark, call)).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining('Nobody knows how far the command got'),
    });
  }
});

it('what was told is listed under its mark, and is nobody else’s, until it is removed', async () => {
  const { objects, reports, tell } = stand();
  const other = { ...mark, generation: 2 };
  await tell(mark, 'began', { machine: 'i-1' });
  await tell(mark, 'end', {});
  await tell(other, 'began', { machine: 'i-2' });
  await tell({ ...mark, owner: 'us-too' }, 'began', { machine: 'i-3' });
  const listed = await reports.list('us', call);
  expect(listed.map((one) => [one.what, one.mark])).toEqual([
    ['builder', mark],
    ['builder', other],
  ]);
  const id = listed[0]?.id ?? '';
  expect([reports.owns(id), reports.owns('i-0123456789abcdef0'), reports.owns('floating-1')]).toEqual([
    ...[true, false, false],
  ]);
  expect(await reports.find(id, call)).toEqual(mark);
  await reports.remove(id, call);
  expect(await reports.find(id, call)).toBeUndefined();
  expect((await reports.list('us', call)).map((one) => one.mark)).toEqual([other]);
  expect(objects.size).toBe(2);
});

it('the user data of a command is within EC2’s limit with the longest of addresses, and starts what runs it', async () => {
  const long = (what: string): string => `https://bucket.example.test/${what}?token=${'k7Zq'.repeat(400)}`;
  const starting = {
    order: {
      spec: {
        ...{
          start: ['node', 'migrate.js'],
          once: true as const,
          health: { path: '/', within: 90_000 },
          grace: 5_000,
        },
        settings: { PASSWORD: { secret: 'env:PASSWORD' }, GREETING: { value: 'hello' } },
      },
      mark,
    },
    variables: { PASSWORD: 'open sesame', GREETING: 'hello' },
    ...{ secrets: [], reader: 'def read(reference): ...' },
  };
  const urls = { began: long('began'), read: long('began'), output: long('output'), end: long('end') };
  const data = runningOnceUserData(starting, urls);
  expect(data.length).toBeLessThan(16 * 1_024);
  const text = gunzipSync(data).toString('utf8');
  const { write_files, runcmd } = JSON.parse(text.slice(text.indexOf('\n')));
  const file = (path: string) => write_files.find((one: { path: string }) => one.path === path);
  expect(file('/etc/bakery/once.json').permissions).toBe('0600');
  expect(JSON.parse(file('/etc/bakery/once.json').content)).toMatchObject({ ...urls, hidden: ['PASSWORD'] });
  const unit = file('/etc/systemd/system/bakery-service.service').content;
  expect(unit).toContain('TimeoutStartSec=90s');
  expect(unit).toContain('TimeoutStopSec=5s');
  // What it prints may hold secrets: the console is read by more people than the log.
  expect(unit).not.toContain('console');
  expect(unit).not.toMatch(/Restart=|WantedBy=/);
  expect(runcmd.at(-1)).toEqual(['systemctl', 'start', '--no-block', 'bakery-once.service']);
});
