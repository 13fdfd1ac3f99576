import type { Command } from 'commander';
import { init } from '../init/init.ts';
import { type ConfigOption, configFolder, withConfig } from './configured.ts';

/** `bakery init <checkout>`. */
export function addInit(program: Command): void {
  withConfig(
    program
      .command('init <checkout>')
      .description(
        'looks at a checkout of a repository and writes its bakery.yaml and its file in services/, checked',
      )
      .option('--name <service>', 'the name of the service (default: that of the folder)'),
  ).action(async (checkout: string, options: ConfigOption & { name?: string }, command: Command) => {
    const { name } = options;
    process.exitCode = await init({
      checkout,
      config: configFolder(options, command),
      print: console.log,
      ...(name === undefined ? {} : { name }),
    });
  });
}
