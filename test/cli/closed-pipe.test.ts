import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { endOnClosedPipe } from '../../src/cli/closed-pipe.ts';

const closed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });

function printing(command: string) {
  const stdout = new EventEmitter();
  const exit = vi.fn();
  endOnClosedPipe(stdout, () => command, exit);
  return { stdout, exit };
}

it('a command whose reader has gone ends without a word, as by SIGPIPE', () => {
  const { stdout, exit } = printing('export');
  stdout.emit('error', closed);
  expect(exit).toHaveBeenCalledWith(141);
});

it('a bot goes on when nobody reads its output any more', () => {
  const { stdout, exit } = printing('start');
  stdout.emit('error', closed);
  expect(exit).not.toHaveBeenCalled();
});

it('any other trouble with the output is not passed over', () => {
  const { stdout } = printing('export');
  expect(() => stdout.emit('error', full)).toThrow('no space left');
});
