import { type Command, InvalidArgumentError, Option } from 'commander';

interface Given {
  runs: number;
  seed: number;
  mode: 'simulated' | 'processes';
  queue?: string;
  steps?: number[];
  atOnce?: number;
  verbose?: boolean;
}

/** `bakery selftest`: needs no configuration, touches nothing but a temporary folder. */
export function addSelftest(program: Command): void {
  program
    .command('selftest')
    .description(
      'proves on this machine that nothing is lost, left over or hangs, whatever dies: real core, engine, ledger and tasks against a cloud that fails on purpose',
    )
    .option('-r, --runs <number>', 'how many runs, each of a seed of its own', wholeNumber, 100)
    .option('-s, --seed <number>', 'the first seed; the same seed repeats a run', wholeNumber, 1)
    .addOption(
      new Option('-m, --mode <mode>', 'all in one process in virtual time, or real processes that are killed')
        .choices(['simulated', 'processes'])
        .default('simulated'),
    )
    .option('-q, --queue <url>', 'with processes: redis://…, postgres://… or embedded (default: embedded)')
    .option(
      '--at-once <number>',
      'with processes: installations at once (default: two for each processor)',
      wholeNumber,
    )
    .option('--steps <numbers>', 'only these steps of the seed, as a failure names them', (given: string) =>
      given.split(',').map((one) => numberFrom(0, one)),
    )
    .option('-v, --verbose', 'tells everything that happens')
    .action(async (given: Given) => {
      const { selftest } = await import('../selftest/index.ts');
      process.exitCode = await selftest(
        {
          runs: given.steps === undefined ? given.runs : 1,
          seed: given.seed,
          mode: given.mode,
          queue: given.queue ?? 'embedded',
          verbose: given.verbose ?? false,
          ...(given.atOnce === undefined ? {} : { atOnce: given.atOnce }),
          ...(given.steps === undefined ? {} : { steps: given.steps }),
        },
        (line) => console.log(line),
      );
    });
}

const wholeNumber = (given: string): number => numberFrom(1, given);

function numberFrom(least: number, given: string): number {
  const number = Number(given);
  if (!/^[0-9]+$/.test(given) || number < least || !Number.isSafeInteger(number))
    throw new InvalidArgumentError(`It has to be a whole number from ${least} on.`);
  return number;
}
