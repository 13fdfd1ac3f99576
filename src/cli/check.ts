import { Argument, type Command } from 'commander';
import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { askSlack } from '../doctor/ask-slack.ts';
import { checkDocker } from '../providers/docker/check.ts';
import { checkAws } from './check-aws.ts';
import { type ConfigOption, configFolder, configured, withConfig } from './configured.ts';
import { checkAll } from './haproxy.ts';
import { checkClouds } from './openstack.ts';

const parts = ['slack', 'docker', 'haproxy', 'openstack', 'aws'] as const;
type Asked = (typeof parts)[number] | undefined;
type Options = ConfigOption & { file?: string; baseImage?: string };

/** `bakery check [slack | docker | haproxy | openstack | aws]`. */
export function addCheck(program: Command): void {
  const what = new Argument(
    '[what]',
    'slack: tokens and scopes; docker: what each engine lacks; haproxy: what the HAProxy that runs lacks; openstack: what the project lacks; aws: what each account and load balancer lacks',
  );
  withConfig(
    program
      .command('check')
      .description('checks the configuration and names every problem with file, line and fix')
      .addArgument(what.choices(parts))
      .option('--file <path>', "HAProxy's configuration, where it cannot be found from the process")
      .option('--base-image <name>', 'openstack, aws: what services name as image.base'),
  ).action(async (asked: Asked, options: Options, command: Command) => {
    process.exitCode = await check(asked, options, command);
  });
}

async function check(asked: Asked, options: Options, command: Command): Promise<0 | 1> {
  if (asked === undefined) return checkConfig(configFolder(options, command), console.log);
  const config = await configured(options, command);
  switch (asked) {
    case 'slack':
      return askAll(config);
    case 'docker':
      return askEngines(config);
    case 'haproxy':
      return checkAll(config, options.file);
    case 'openstack':
      return checkClouds(config, options.baseImage);
    case 'aws':
      return checkAws(config, options.baseImage);
  }
}

/** `bakery check docker`: each engine of each provider. */
export async function askEngines(
  { providers }: Config,
  print: (line: string) => void = console.log,
): Promise<0 | 1> {
  const codes: (0 | 1)[] = [];
  for (const [name, made] of providers)
    if (made.kind === 'docker') codes.push(await checkDocker(name, made.engines, print));
  if (codes.length === 0) print('bot.yaml has no provider of kind docker.');
  return codes.includes(1) ? 1 : 0;
}

/** `bakery check slack`: each workspace. */
async function askAll({ slack }: Config): Promise<0 | 1> {
  const codes: (0 | 1)[] = [];
  for (const settings of slack) codes.push(await askSlack(settings, console.log));
  return codes.includes(1) ? 1 : 0;
}
