import { Argument, type Command } from 'commander';
import { checkSlack } from '../bot/check-slack.ts';
import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { readSecret } from '../config/secret.ts';
import { checkDocker } from '../providers/docker/check.ts';
import { type ConfigOption, configFolder, configured, withConfig } from './configured.ts';

/** `bakery check [slack|docker]`. */
export function addCheck(program: Command): void {
  const what = new Argument(
    '[what]',
    'slack: asks Slack whether tokens and scopes are right; docker: asks each engine what is missing',
  );
  withConfig(
    program
      .command('check')
      .description('checks the configuration and names every problem with file, line and fix')
      .addArgument(what.choices(['slack', 'docker'])),
  ).action(async (asked: 'slack' | 'docker' | undefined, options: ConfigOption, command: Command) => {
    process.exitCode = await check(asked, options, command);
  });
}

async function check(
  asked: 'slack' | 'docker' | undefined,
  options: ConfigOption,
  command: Command,
): Promise<0 | 1> {
  if (asked === undefined) return checkConfig(configFolder(options, command), console.log);
  const config = await configured(options, command);
  return asked === 'slack' ? askSlack(config) : askEngines(config);
}

async function askEngines({ providers }: Config): Promise<0 | 1> {
  const codes: (0 | 1)[] = [];
  for (const [name, made] of providers)
    if (made.kind === 'docker') codes.push(await checkDocker(name, made.engines, console.log));
  if (codes.length === 0) console.log('bot.yaml has no provider of kind docker.');
  return codes.includes(1) ? 1 : 0;
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
