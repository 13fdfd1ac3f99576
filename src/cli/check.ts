import { Argument, type Command } from 'commander';
import { checkSlack } from '../bot/check-slack.ts';
import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { readSecret } from '../config/secret.ts';
import { type ConfigOption, configFolder, configured, withConfig } from './configured.ts';

/** `bakery check [slack]`. */
export function addCheck(program: Command): void {
  const what = new Argument('[what]', 'slack: asks Slack whether tokens and scopes are right');
  withConfig(
    program
      .command('check')
      .description('checks the configuration and names every problem with file, line and fix')
      .addArgument(what.choices(['slack'])),
  ).action(async (asked: 'slack' | undefined, options: ConfigOption, command: Command) => {
    process.exitCode =
      asked === 'slack'
        ? await askSlack(await configured(options, command))
        : await checkConfig(configFolder(options, command), console.log);
  });
}

async function askSlack({ slack }: Config): Promise<0 | 1> {
  const { mode, botToken, appToken, apiUrl } = slack;
  return checkSlack({
    mode,
    botToken: await readSecret(botToken),
    ...(mode === 'http' || appToken === undefined ? {} : { appToken: await readSecret(appToken) }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    print: console.log,
  });
}
