import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bakeFailure, bakeReportOf, checkMachineRecipe } from '../../../src/providers/cloud-init/baking.ts';
import { readConsole } from '../../../src/providers/cloud-init/console.ts';
import { startingUserData } from '../../../src/providers/cloud-init/starting.ts';

const mark = {
  owner: 'o',
  service: 'hello',
  version: 3,
  environment: 'staging',
  effect: 'e',
  generation: 1,
  epoch: 0,
};
const spec = { start: ['node', "it's.js"], health: { path: '/', within: 1 }, grace: 2_500, settings: {} };

describe('user data of an instance', () => {
  const data = startingUserData({
    order: { spec: { ...spec, writable: [{ path: '/var/lib/hello' }] }, mark },
    variables: { GREETING: 'a "quoted" $word\nand more' },
    secrets: [{ name: 'KEY', reference: 'aws-ssm:/hello/key', file: true }],
    reader: 'def read(reference): ...',
  });
  const text = gunzipSync(data).toString('utf8');

  it('is small, the same each time, and read by cloud-init as a cloud-config', () => {
    expect(text).toMatch(/^#cloud-config\n\{/);
    expect(data.length).toBeLessThan(8_000);
  });

  it('names secrets and never holds one, and keeps the words of a command as they are', () => {
    const { write_files } = JSON.parse(text.slice(text.indexOf('\n')));
    const launch = write_files.find(({ path }: { path: string }) => path === '/etc/bakery/launch.json');
    expect(JSON.parse(launch.content)).toEqual({
      start: ['node', "it's.js"],
      variables: { GREETING: 'a "quoted" $word\nand more' },
      secrets: [{ name: 'KEY', reference: 'aws-ssm:/hello/key', file: true }],
    });
    expect(text).toContain('TimeoutStopSec=2.5s');
    expect(text).toContain('ReadWritePaths=/var/lib/hello');
  });
});

describe('what a machine says', () => {
  it('is read from among all that its console shows', () => {
    const shown = readConsole(
      [
        '[    5.1] cloud-init[40]: finished',
        '[    6.2] bakery-service[99]: warm\r',
        '[    6.3] bakery-service[99]: bakery-service[1]: twice',
        '[    6.4] bakery-service[101]: bakery: the service ended (exit-code, exited 3)',
      ].join('\n'),
    );
    expect(shown).toEqual({
      lines: ['warm', 'bakery-service[1]: twice'],
      ended: '(exit-code, exited 3)',
      started: false,
    });
  });

  it('is a failure with its last lines when a package cannot be installed', () => {
    const told = { is: 'failed', why: 'install', sentence: 'No luck.', lines: ['E: no such package'] };
    const report = bakeReportOf(JSON.stringify(told));
    if (report.is !== 'failed') throw new Error('it did not fail');
    expect(bakeFailure(report)).toMatchObject({ fault: 'denied', lines: ['E: no such package'] });
  });

  it('is refused when it is no report', () => {
    expect(() => bakeReportOf('<html>')).toThrow(/report that is none/);
    expect(() => bakeReportOf('{"is":"done"}')).toThrow(/report that is none/);
  });
});

it('what machines cannot be made from is denied with a sentence', () => {
  const recipe = { base: 'ami-0', packages: [], start: ['x'] };
  const made = { digest: '', size: 1, name: 'a.tar' };
  expect(() => checkMachineRecipe({ recipe, package: made })).not.toThrow();
  const denied = expect.objectContaining({ fault: 'denied' });
  expect(() => checkMachineRecipe({ recipe: { ...recipe, base: '' }, package: made })).toThrow(denied);
  expect(() => checkMachineRecipe({ recipe: { ...recipe, dockerfile: 'D' }, package: made })).toThrow(denied);
  expect(() => checkMachineRecipe({ recipe, package: { ...made, name: '../a.tar' } })).toThrow(denied);
});
