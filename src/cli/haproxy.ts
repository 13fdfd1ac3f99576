import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { checkHaproxy } from '../balancers/haproxy/check.ts';
import { haproxyConfiguration, placesFor } from '../balancers/haproxy/configuration.ts';
import { pathsFile } from '../balancers/haproxy/haproxy.ts';
import type { HaproxyBalancerSettings } from '../config/balancers/haproxy.ts';
import type { Config } from '../config/config.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

interface Named extends ConfigOption {
  balancer?: string;
}

/** A slot that the services' files put behind a HAProxy. */
interface WantedSlot {
  slot: string;
  port: number;
  count: number;
}

/** `bakery haproxy config | prepare`. */
export function addHaproxy(program: Command): void {
  const haproxy = program.command('haproxy').description("what HAProxy needs to be the services' balancer");
  const option = () => new Option('--balancer <name>', 'which one of bot.yaml, when it names several');
  withConfig(
    haproxy.command('config').description('prints a whole configuration for HAProxy').addOption(option()),
  ).action(async (options: Named, command: Command) => {
    const { settings, slots } = forHaproxy(await configured(options, command), options.balancer);
    const declared = slots.map((slot) => ({ ...slot, places: placesFor(slot.count) }));
    process.stdout.write(haproxyConfiguration({ ...settings, slots: declared }));
  });
  withConfig(
    haproxy
      .command('prepare')
      .description('makes the folder and the empty files without which HAProxy does not start')
      .addOption(option()),
  ).action(async (options: Named, command: Command) => {
    const { settings, slots } = forHaproxy(await configured(options, command), options.balancer);
    mkdirSync(settings.stateDir, { recursive: true, mode: 0o755 });
    for (const { slot } of slots) {
      const file = pathsFile(settings.stateDir, slot);
      if (!existsSync(file)) writeFileSync(file, '');
    }
    console.log(`${settings.stateDir} is ready for ${slots.map(({ slot }) => slot).join(', ')}.`);
  });
}

/** `bakery check haproxy`: prints what every HAProxy of bot.yaml lacks; 0 when none lacks anything. */
export async function checkAll(
  config: Config,
  file: string | undefined,
  print: (line: string) => void = console.log,
): Promise<0 | 1> {
  let missing = 0;
  for (const [name, settings] of config.balancers) {
    if (settings.kind !== 'haproxy') continue;
    const findings = await checkHaproxy(options(settings), slotsOf(config, name), file);
    for (const finding of findings) print(`${name}: ${finding}`);
    if (findings.length === 0) print(`${name}: nothing is missing.`);
    missing += findings.length;
  }
  return missing === 0 ? 0 : 1;
}

const options = ({ socket, master, stateDir, host }: HaproxyBalancerSettings) => ({
  socket,
  stateDir,
  host,
  ...(master === undefined ? {} : { master }),
});

/** The HAProxy of a configuration and the slots behind it. Throws when there is none, or none of that name. */
export function forHaproxy(
  config: Config,
  wanted?: string,
): { settings: HaproxyBalancerSettings; slots: WantedSlot[] } {
  for (const [name, settings] of config.balancers)
    if (settings.kind === 'haproxy' && (wanted === undefined || wanted === name))
      return { settings, slots: slotsOf(config, name) };
  throw new Error(
    wanted === undefined
      ? 'bot.yaml has no balancer of kind haproxy. Add one; docs/haproxy.md says how.'
      : `bot.yaml has no balancer ${wanted} of kind haproxy.`,
  );
}

/** The slots whose services' files name this balancer. */
export const slotsOf = ({ policies }: Pick<Config, 'policies'>, balancer: string): WantedSlot[] =>
  [...policies.values()].flatMap(({ service, environments }) =>
    environments
      .filter((environment) => environment.balancer === balancer)
      .map(({ name, port, count }) => ({ slot: `${service}.${name}`, port, count })),
  );
