import { describe, expect, it } from 'vitest';
import {
  type CommandMachine,
  checkEnd,
  silence,
  timesOf,
  waitsFor,
} from '../../../src/providers/cloud-init/command-end.ts';
import type { Said } from '../../../src/providers/cloud-init/command-reports.ts';

const order = {
  spec: { start: ['migrate'], health: { path: '/', within: 600_000 }, grace: 10_000, settings: {} },
};
const times = timesOf(order, 240_000);
const seen = (state: CommandMachine['state'], elapsed = 1_000): CommandMachine => ({ state, elapsed });
const began: Said = { began: 'i-1' };
const end = (over: object): NonNullable<Said['end']> =>
  ({ is: 'ended', machine: 'i-1', result: 'success', status: 0, lines: [], ...over }) as NonNullable<
    Said['end']
  >;
const failureOf = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

describe('the machine of a command', () => {
  it('is waited for while it may begin, and while its command may be at work', () => {
    expect(waitsFor({}, seen('starting'), times)).toBe('the machine is starting');
    expect(waitsFor({}, seen('on', 240_000), times)).toMatch(/has not begun/);
    expect(waitsFor(began, seen('on', 800_000), times)).toBe('the command is at work');
    expect(waitsFor(began, seen('ending'), times)).toMatch(/switched off/);
  });

  it('is not waited for longer than it may begin, or tell: by then its addresses for that are no longer good', () => {
    expect(waitsFor({}, seen('on', times.begins + 30_001), times)).toBeUndefined();
    expect(waitsFor(began, seen('on', times.begins + 30_001), times)).toBeDefined();
    expect(waitsFor(began, seen('on', times.silent + 1), times)).toBeUndefined();
    expect(times.silent).toBeGreaterThan(times.begins + 600_000 + 10_000);
    expect(times.lasts).toBeGreaterThan(times.silent);
  });

  it('that is over before it told how the command ended is never a success, and nobody is said to know', () => {
    expect(waitsFor(began, seen('over'), times)).toBeUndefined();
    expect(silence(began, seen('over'), { begins: 240_000, lines: ['milling'] })).toMatchObject({
      fault: 'exited',
      message: expect.stringMatching(/before it told how .* Nobody knows how far it got/),
      lines: ['milling'],
    });
    expect(silence(began, seen('on'), { begins: 240_000, lines: [] })).toMatchObject({
      fault: 'timeout',
      message: expect.stringContaining('Nobody knows how far it got'),
    });
  });

  it('that never began the command has changed no database, and that is said', () => {
    for (const [state, fault] of [
      ['over', 'exited'],
      ['on', 'timeout'],
    ] as const)
      expect(silence({}, seen(state), { begins: 240_000, lines: [] })).toMatchObject({
        fault,
        message: expect.stringContaining('No database was changed'),
      });
  });
});

describe('the end of a command', () => {
  it('is a good one with exit code 0 alone', () => {
    expect(() => checkEnd(end({}), order)).not.toThrow();
    expect(
      failureOf(() => checkEnd(end({ result: 'exit-code', status: 3, lines: ['no'] }), order)),
    ).toMatchObject({
      fault: 'exited',
      message: 'The command ended with exit code 3. Its last lines of output say more.',
      lines: ['no'],
    });
    for (const [result, how] of [
      ['signal', 'was ended by the signal 9'],
      ['oom-kill', 'no memory left'],
      ['resources', '(resources)'],
      // Of no word that systemd has today.
      ['success', '(success)'],
    ])
      expect(failureOf(() => checkEnd(end({ result, status: 9 }), order))).toMatchObject({
        fault: 'exited',
        message: expect.stringContaining(how ?? ''),
      });
  });

  it('that came at its time is the fault timeout', () => {
    expect(failureOf(() => checkEnd(end({ result: 'timeout', status: 15 }), order))).toMatchObject({
      fault: 'timeout',
      message: expect.stringContaining('did not end within 600 s'),
    });
  });

  it('that came from outside is told apart, and what never began as well', () => {
    expect(failureOf(() => checkEnd(end({ is: 'interrupted' }), order))).toMatchObject({
      fault: 'exited',
      message: expect.stringMatching(/from outside.*Nobody knows/),
    });
    expect(
      failureOf(() => checkEnd(end({ is: 'not begun', sentence: 'It was denied' }), order)),
    ).toMatchObject({
      fault: 'bad settings',
      message: expect.stringMatching(/It was denied\. No database was changed/),
    });
  });
});
