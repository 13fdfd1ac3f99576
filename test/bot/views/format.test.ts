import { describe, expect, it } from 'vitest';
import { codeBlock } from '../../../src/bot/views/format.ts';

describe('the last lines of an output', () => {
  it('are shown without colours and characters that no reader sees', () => {
    const esc = String.fromCodePoint(0x1b);
    const lines = [`${esc}[31mnot ok${esc}[0m\t1${String.fromCodePoint(7)}`, 'Größe: 3 µm', 'a ``` b'];
    expect(codeBlock(lines)).toBe("```\nnot ok\t1\nGröße: 3 µm\na ''' b\n```");
  });
});
