import type { LaunchOrder } from '../../pipeline/provider.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud-parts.ts';
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

/** Where a server is put, in Nova's words. */
export interface Place {
  flavorRef: string;
  [key: string]: unknown;
}

const common = ({ configDrive, keyPair }: OpenStackSettings) => ({
  config_drive: configDrive,
  ...(keyPair === undefined ? {} : { key_name: keyPair }),
});
const groups = ({ securityGroups }: OpenStackSettings) =>
  securityGroups === undefined ? {} : { security_groups: securityGroups.map((name) => ({ name })) };

/** Throws `quota` when there is no room for it. */
export async function placeOfBuilder(
  { settings, names, quotas }: Cloud,
  signal: AbortSignal,
): Promise<Place> {
  const flavor = await names.flavor(settings.builderFlavor ?? settings.flavor, signal);
  const [uuid] = await Promise.all([
    names.network(settings.network, signal),
    quotas.ensureRoom(flavor, false, signal),
  ]);
  const { zones } = settings;
  return {
    ...common(settings),
    ...groups(settings),
    flavorRef: flavor.id,
    networks: [{ uuid }],
    ...(zones === undefined ? {} : { availability_zone: zones[0] }),
  };
}

/** Also by which of its deployment it is. Throws `quota` when there is no room for it. */
export async function placeOfInstance(
  { settings, names, quotas, ports }: Cloud,
  { spec: { ordinal = 0 }, mark }: Pick<LaunchOrder, 'spec' | 'mark'>,
  signal: AbortSignal,
): Promise<{ place: Place; hints?: { group: string } }> {
  const { zones, serverGroup, ports: beforehand, floatingNetwork } = settings;
  const flavor = await names.flavor(settings.flavor, signal);
  await quotas.ensureRoom(flavor, floatingNetwork !== undefined, signal);
  const network = async () => ({ uuid: await names.network(settings.network, signal) });
  const port = async (all: string[]) => {
    const ids = await Promise.all(all.map((name) => names.port(name, signal)));
    return { port: await ports.take(ids, mark, signal) };
  };
  const place = {
    ...common(settings),
    // A port has groups of its own.
    ...(beforehand === undefined ? groups(settings) : {}),
    flavorRef: flavor.id,
    networks: [beforehand === undefined ? await network() : await port(beforehand)],
    ...(zones === undefined ? {} : { availability_zone: zones[ordinal % zones.length] }),
  };
  if (serverGroup === undefined) return { place };
  return { place, hints: { group: await names.serverGroup(serverGroup, signal) } };
}

const urlOf = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}`;

/** Where a server's service answers by its fixed address; undefined while it has none. Version 4 before version 6. */
export function addressOf({ addresses = {} }: Pick<Server, 'addresses'>, port: number): string | undefined {
  const fixed = Object.values(addresses)
    .flat()
    .filter((one) => one['OS-EXT-IPS:type'] !== 'floating');
  const found = fixed.find(({ version }) => version === 4) ?? fixed[0];
  return found === undefined ? undefined : urlOf(found.addr, port);
}

/** Where it is reached, by the kind of address that the settings say; `floating` is the one it has, if any. */
export const reachedAt = (
  { address, port }: Pick<OpenStackSettings, 'address' | 'port'>,
  server: Pick<Server, 'addresses'>,
  floating: string | undefined,
): string | undefined => {
  if (address !== 'floating') return addressOf(server, port);
  return floating === undefined ? undefined : urlOf(floating, port);
};

/** The next look at something that began `elapsed` ms ago: at most a tenth of its time too late, and at most 5 s. */
export const soonAgain = (elapsed: number): number =>
  Math.min(5_000, 250 + Math.max(0, Number.isNaN(elapsed) ? 0 : elapsed) / 10);
