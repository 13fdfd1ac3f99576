import { drawn, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { codeBlock, escaped, oneLine } from './format.ts';

/** The last lines of a stage's log. */
export function logView(service: string, version: number, log: { stage: string; lines: string[] }): Drawn {
  const name = `${escaped(service)} v${version}`;
  const block = codeBlock(log.lines, 2700);
  if (block === '') return sentence(`The log of *${oneLine(log.stage, 40)}* of ${name} is empty.`);
  return drawn(`The last lines of the log of ${oneLine(log.stage, 40)} of ${name}.`, [
    section(`*${name} · ${oneLine(log.stage, 40)}*, the last lines:`),
    section(block),
  ]);
}
