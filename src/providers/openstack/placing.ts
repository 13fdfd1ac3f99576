import type { LaunchSpec } from '../../pipeline/domain/task.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Names } from './names.ts';
import type { Server } from './servers.ts';
import type { OpenStackSettings } from './settings.ts';

/** Nova's limit of user data, in characters of base64. */
const longest = 65_535;

/** User data in Nova's words. Throws `bad settings` when it is too long for it. */
export function userDataOf(data: Buffer): string {
  const text = data.toString('base64');
  if (text.length <= longest) return text;
  throw new ProviderError(
    'bad settings',
    `What the server is to be told has ${text.length} characters, and Nova takes ${longest}. Nothing was made; make the settings shorter, or put them where the service reads them.`,
  );
}

/** Where a server is put, in Nova's words; of an instance, also by which of its deployment it is. */
export async function placeOf(
  settings: OpenStackSettings,
  names: Names,
  what: 'instance' | 'builder',
  { ordinal = 0 }: Pick<LaunchSpec, 'ordinal'>,
  signal: AbortSignal,
): Promise<{ place: { flavorRef: string; [key: string]: unknown }; hints?: { group: string } }> {
  const { flavor, builderFlavor = flavor, securityGroups, zones, serverGroup, keyPair } = settings;
  const place = {
    flavorRef: await names.flavor(what === 'builder' ? builderFlavor : flavor, signal),
    networks: [{ uuid: await names.network(settings.network, signal) }],
    config_drive: settings.configDrive,
    ...(securityGroups === undefined ? {} : { security_groups: securityGroups.map((name) => ({ name })) }),
    ...(keyPair === undefined ? {} : { key_name: keyPair }),
    ...(zones === undefined ? {} : { availability_zone: zones[ordinal % zones.length] }),
  };
  if (serverGroup === undefined || what === 'builder') return { place };
  return { place, hints: { group: await names.serverGroup(serverGroup, signal) } };
}

/** Where a server's service answers; undefined while it has no address. Version 4 before version 6. */
export function addressOf({ addresses = {} }: Server, port: number): string | undefined {
  const fixed = Object.values(addresses)
    .flat()
    .filter((one) => one['OS-EXT-IPS:type'] !== 'floating');
  const found = fixed.find(({ version }) => version === 4) ?? fixed[0];
  if (found === undefined) return undefined;
  return `http://${found.version === 4 ? found.addr : `[${found.addr}]`}:${port}`;
}

/** The next look at something that began `elapsed` ms ago: at most a tenth of its time too late, and at most 5 s. */
export const soonAgain = (elapsed: number): number =>
  Math.min(5_000, 250 + Math.max(0, Number.isNaN(elapsed) ? 0 : elapsed) / 10);
