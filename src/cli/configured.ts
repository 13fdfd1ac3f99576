import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { printProblem } from '../config/problem.ts';

export interface ConfigOption {
  config?: string;
}

/** `-c` is taken before the command's word and after it. */
export const withConfig = (command: Command): Command =>
  command.option('-c, --config <dir>', 'the folder of bot.yaml and services/ (default: this folder)');

/** The folder of the configuration that a command was given. */
export const configFolder = (options: ConfigOption, command: Command): string =>
  options.config ?? command.optsWithGlobals<ConfigOption>().config ?? '.';

/** The configuration, checked. With problems it prints them all and ends the process with exit code 1. */
export async function configured(options: ConfigOption, command: Command): Promise<Config> {
  const loading = await loadConfig(configFolder(options, command));
  if (loading.ok) return loading.config;
  for (const problem of loading.problems) console.error(printProblem(problem));
  console.error('Bakery does nothing with this configuration.');
  process.exit(1);
}
