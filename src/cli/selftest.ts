import { type Command, Option } from 'commander';

interface Given {
  runs: string;
  seed: string;
  mode: 'simulated' | 'processes';
  queue?: string;
  steps?: string;
  verbose?: boolean;
}

/** `bakery selftest`: needs no configuration, touches nothing but a temporary folder. */
export function addSelftest(program: Command): void {
  program
    .command('selftest')
    .description(
      'proves on this machine that nothing is lost, left over or hangs, whatever dies: real core, engine, ledger and tasks against a cloud that fails on purpose',
    )
    .option('-r, --runs <number>', 'how many runs, each of a seed of its own', '100')
    .option('-s, --seed <number>', 'the first seed; the same seed repeats a run', '1')
    .addOption(
      new Option('-m, --mode <mode>', 'all in one process in virtual time, or real processes that are killed')
        .choices(['simulated', 'processes'])
        .default('simulated'),
    )
    .option('-q, --queue <url>', 'with processes: redis://…, postgres://… or embedded (default: embedded)')
    .option('--steps <numbers>', 'only these steps of the seed, as a failure names them')
    .option('-v, --verbose', 'tells everything that happens')
    .action(async (given: Given) => {
      const { selftest } = await import('../selftest/index.ts');
      process.exitCode = await selftest(
        {
          runs: given.steps === undefined ? Number(given.runs) : 1,
          seed: Number(given.seed),
          mode: given.mode,
          queue: given.queue ?? 'embedded',
          verbose: given.verbose ?? false,
          ...(given.steps === undefined ? {} : { steps: given.steps.split(',').map(Number) }),
        },
        (line) => console.log(line),
      );
    });
}
