import type { Command } from 'commander';

/** `bakery demo`. Its parts are not in the production image, so they are loaded only here. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'the whole story on this machine: a simulated Slack with a page, a real repository, live traffic',
    )
    .option('--auto', 'tells the story by itself and ends with a summary')
    .option('--keep <dir>', 'keeps the data directory there')
    .action(async (options: { auto?: boolean; keep?: string }) => {
      const { demo } = await import('../demo/index.ts');
      process.exitCode = await demo(options);
    });
}
