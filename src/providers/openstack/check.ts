import { ProviderError } from '../../pipeline/provider.ts';
import { type Cloud, cloudOf } from './cloud-parts.ts';
import { needOf, type Room, roomFor } from './quotas.ts';
import type { Session } from './session.ts';
import type { OpenStackSettings } from './settings.ts';

/** One thing to look at: what was found, in words; throws ProviderError with what is missing and what to do. */
export interface Look {
  what: string;
  look(): Promise<string>;
}

const patience = 60_000;

/**
 * Looks at all and prints a line for each. When the first one fails nothing more is asked: without a login all would say
 * the same. Returns the exit code.
 */
export async function lookAtAll(
  name: string,
  looks: readonly Look[],
  print: (line: string) => void,
): Promise<0 | 1> {
  let missing = 0;
  for (const [index, { what, look }] of looks.entries()) {
    try {
      print(`${name}, ${what}: ${await look()}`);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      print(`${name}, ${what}: MISSING. ${error.message}`);
      missing += 1;
      if (index === 0) break;
    }
  }
  print(missing === 0 ? `${name}: nothing is missing.` : `${name}: ${missing} missing.`);
  return missing === 0 ? 0 : 1;
}

/** `bakery check openstack`, for one provider. `base` is what services name as `image.base`. */
export function checkOpenStack(
  name: string,
  settings: OpenStackSettings,
  session: Session,
  base: string | undefined,
  print: (line: string) => void,
): Promise<0 | 1> {
  const signal = AbortSignal.timeout(patience);
  return lookAtAll(name, looksOf(cloudOf(name, session, settings), session, base, signal), print);
}

function looksOf(
  { settings, names, images, swift, servers, quotas }: Cloud,
  session: Session,
  base: string | undefined,
  signal: AbortSignal,
): Look[] {
  const { flavor, builderFlavor, network, securityGroups = [], ports = [] } = settings;
  const { zones = [], serverGroup, floatingNetwork, keyPair } = settings;
  const maybe = (is: boolean, one: Look): Look[] => (is ? [one] : []);
  const ids = (look: (name: string, signal: AbortSignal) => Promise<string>, all: string[]) => async () =>
    (await Promise.all(all.map(async (one) => `${one} (${await look(one, signal)})`))).join(', ');
  return [
    { what: 'login and roles', look: async () => rolesIn(await session.roles(signal)) },
    ...(['compute', 'image', 'network', 'object-store'] as const).map((service) => ({
      what: `catalog, ${service}`,
      look: () => session.endpoint(service, signal),
    })),
    { what: 'microversion of Nova', look: () => servers.version(signal) },
    {
      what: 'flavors',
      look: async () => {
        const all = [...new Set([flavor, builderFlavor ?? flavor])];
        const found = await Promise.all(all.map((one) => names.flavor(one, signal)));
        return found.map((one) => `${one.name} (${one.vcpus} CPU, ${one.ram} MB, ${one.disk} GB)`).join(', ');
      },
    },
    { what: 'network', look: ids((one) => names.network(one, signal), [network]) },
    ...maybe(floatingNetwork !== undefined, {
      what: 'network of floating addresses',
      look: ids((one) => names.network(one, signal), [floatingNetwork ?? '']),
    }),
    ...maybe(ports.length > 0, { what: 'ports', look: ids((one) => names.port(one, signal), ports) }),
    ...maybe(securityGroups.length > 0, {
      what: 'security groups',
      look: ids((one) => names.securityGroup(one, signal), securityGroups),
    }),
    ...maybe(zones.length > 0, {
      what: 'zones',
      look: async () => zonesIn(zones, await names.zones(signal)),
    }),
    ...maybe(serverGroup !== undefined, {
      what: 'server group',
      look: ids((one) => names.serverGroup(one, signal), [serverGroup ?? '']),
    }),
    ...maybe(keyPair !== undefined, { what: 'key pair', look: () => names.keyPair(keyPair ?? '', signal) }),
    ...maybe(base !== undefined, {
      what: 'base image',
      look: async () => {
        const { id, name } = await images.base(base ?? '', signal);
        return `${name} (${id})`;
      },
    }),
    { what: 'container of packages', look: () => swift.check(signal) },
    {
      what: 'quota',
      look: async () => {
        const need = needOf(await names.flavor(flavor, signal), floatingNetwork !== undefined);
        return roomIn(roomFor(await quotas.counts(signal), need), flavor);
      },
    },
  ];
}

const enough = /^(_?member_?|admin|manager)$/i;

/** Which rights a role has is each cloud's own: what is called as Keystone's is known. */
export function rolesIn(roles: string[]): string {
  const all = roles.join(', ');
  if (roles.some((role) => enough.test(role))) return all;
  throw new ProviderError(
    'denied',
    `The account has the roles ${all || 'of nobody'}, and none is member: it may look and not make. Give it that role, or the one that this cloud has for it.`,
  );
}

function zonesIn(wanted: string[], there: string[]): string {
  const unknown = wanted.filter((zone) => !there.includes(zone));
  if (unknown.length === 0) return wanted.join(', ');
  throw new ProviderError(
    'bad settings',
    `The cloud has no zone ${unknown.join(', ')}, but ${there.join(', ')}. Correct zones in bot.yaml.`,
  );
}

/** The new one stands beside the old one, and a candidate or a builder beside both. */
const leastRoom = 2;

function roomIn({ more, because }: Room, flavor: string): string {
  const words = more === Number.POSITIVE_INFINITY ? 'any number of' : String(more);
  if (more >= leastRoom) return `room for ${words} more servers of ${flavor}`;
  throw new ProviderError(
    'quota',
    `There is room for ${words} more servers of ${flavor}, and a release needs ${leastRoom} at once beside what runs: ${because.join('; ')}. Remove what is not needed, or raise the quota.`,
  );
}
