import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandEnd, CommandOrder, Commands } from '../pipeline/commands.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import { serviceFileText } from './scene.ts';
import { untilAborted } from './until-aborted.ts';

const took: Record<string, Millis> = { git: 20, 'make-package': 600, 'run-suite': 300 };
const done = (exit = 0, lastLines: string[] = []): CommandEnd => ({ exit, lastLines });

/**
 * The commands of the service that the selftest releases: a git that has every commit, a package command and a suite.
 * Each takes its time, in the time of whoever runs it, and ends at once when it is told to.
 */
export function selftestCommands(pause: (ms: Millis) => Promise<unknown>, haste: number): Commands {
  return {
    run: async (order) => {
      const [program = ''] = order.argv;
      await untilAborted(order.signal, pause((took[program] ?? 0) / haste));
      if (order.signal.aborted) return { killed: 'aborted', lastLines: [] };
      return program === 'git' ? git(order, haste) : ofService(program, order);
    },
  };
}

async function git({ argv, cwd }: CommandOrder, haste: number): Promise<CommandEnd> {
  if (argv.includes('show')) return done(0, ['1700000000']);
  if (!argv.includes('checkout')) return done();
  await writeFile(join(cwd, 'bakery.yaml'), serviceFileText(haste));
  await writeFile(join(cwd, 'commit'), argv.at(-1) ?? '');
  return done();
}

async function ofService(program: string, { cwd }: CommandOrder): Promise<CommandEnd> {
  const sha = await readFile(join(cwd, 'commit'), 'utf8');
  if (program === 'run-suite') return sha.startsWith('c') ? done(1, ['the crust is soft']) : done();
  if (sha.startsWith('b')) return done(1, ['out of flour']);
  await writeFile(join(cwd, 'bread.tar'), sha);
  return done();
}
