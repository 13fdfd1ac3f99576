import type { Command } from 'commander';
import { followCard, runLine } from '../control/client.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

/** `bakery run "<slash command>"`: exit code 0 for a yes, 1 for a no and, with `--follow`, for what failed. */
export function addRun(program: Command): void {
  withConfig(
    program
      .command('run <line>')
      .description('runs a slash command on the bot of this configuration, for example "/bake status"')
      .option('-f, --follow', 'prints what it comes to, until nothing moves any more')
      .option('--break-glass <reason>', 'approves or overrides where people normally have to; told loudly')
      .addHelpText(
        'after',
        '\nYou act as the operator that bot.yaml names for your account. Operators cannot approve without --break-glass.',
      ),
  ).action(
    async (
      line: string,
      options: ConfigOption & { follow?: boolean; breakGlass?: string },
      command: Command,
    ) => {
      const { control } = await configured(options, command);
      const said = await runLine(control, line, options.breakGlass);
      console.log(said.text);
      process.exitCode = said.refused ? 1 : 0;
      if (!options.follow || said.about === undefined) return;
      const card = await followCard(control, said.about, (text) => console.log(text));
      if (card.failed) process.exitCode = 1;
    },
  );
}
