import type { At } from '../../pipeline/domain/time.ts';
import { type PlacedSlot, serverNames } from './placed.ts';
import type { BackendView, ServerView } from './view.ts';

/** What one server should be. */
interface Wanted {
  at?: string;
  path?: string;
  weight?: number;
  state: ServerView['state'];
  /** It has to pass its checks first: it was never trusted with traffic. */
  prove: boolean;
}

/** What every server of a backend should be; all that no member has, and that expects none, is in maintenance. */
export function wantedServers({ saved, places, coming = [] }: PlacedSlot, now: At): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const { number, at, path, until } of coming) {
    if (until <= now) continue;
    const { member, spare } = serverNames(number);
    // Drained, so that it is checked and gets nothing; and from the beginning, since the checks of a server in maintenance
    // go by its slowest interval, and those of one that is down by its quickest.
    const expected = { at, ...(path === '' ? {} : { path }), state: 'drain' as const, prove: true };
    wanted.set(member, { ...expected, weight: 0 });
    wanted.set(spare, expected);
  }
  for (const { instance, weight, draining, path } of saved.members) {
    const place = places[instance];
    if (place === undefined) continue;
    const { member, spare } = serverNames(place.number);
    const where = { at: place.at, ...(path === '' ? {} : { path }) };
    const prove = weight === 0;
    wanted.set(member, { ...where, weight, state: draining ? 'drain' : 'ready', prove });
    // Whoever has no weight stands by for when nobody who has is healthy.
    if (weight === 0 && !draining) wanted.set(spare, { ...where, state: 'ready', prove });
  }
  return wanted;
}

/**
 * The commands that make a backend what it should be, in an order in which nobody is without a server: who gets
 * traffic first, who loses it last. None when it is so already.
 */
export function commandsFor(
  backend: string,
  placed: PlacedSlot,
  view: BackendView,
  map: string,
  now: At,
): string[] {
  const wanted = wantedServers(placed, now);
  const gains: string[] = [];
  const loses: string[] = [];
  for (const [name, seen] of view.servers) {
    if (!/^(member|spare)\d+$/.test(name)) continue;
    const want = proven(name, wanted.get(name), view);
    const server = `${backend}/${name}`;
    if (want === undefined) {
      if (seen.state !== 'maint') loses.push(`set server ${server} state maint`);
    } else if (seen.at !== want.at || seen.state === 'maint')
      gains.push(...settle(server, name, want, seen, view.paths === undefined ? undefined : map));
    else {
      const up = want.weight !== undefined && want.weight > seen.weight;
      if (want.weight !== undefined && want.weight !== seen.weight)
        (up ? gains : loses).push(`set server ${server} weight ${want.weight}`);
      // Who was expected comes: a reload calls everybody up until the next check.
      if (want.state === 'ready' && seen.state === 'drain' && want.prove && seen.health === 'unknown')
        gains.push(`set server ${server} health down`);
      if (want.state !== seen.state)
        (want.state === 'ready' ? gains : loses).push(`set server ${server} state ${want.state}`);
      if (want.path !== undefined && view.paths && view.paths.get(name) !== want.path)
        gains.push(...pathCommands(map, name, want.path));
    }
  }
  return [...gains, ...loses];
}

/** A spare is trusted when its member serves at the same address: who has just lost its weight stands by at once. */
function proven(name: string, want: Wanted | undefined, { servers }: BackendView): Wanted | undefined {
  const member = servers.get(name.replace(/^spare/, 'member'));
  const serves = name.startsWith('spare') && member?.health === 'healthy' && member.at === want?.at;
  return serves && member.state !== 'maint' && want !== undefined ? { ...want, prove: false } : want;
}

/** Gives a server, in maintenance meanwhile, its address. */
function settle(
  server: string,
  name: string,
  want: Wanted,
  seen: ServerView,
  map: string | undefined,
): string[] {
  const at = want.at ?? '';
  const colon = at.lastIndexOf(':');
  return [
    ...(seen.state === 'maint' ? [] : [`set server ${server} state maint`]),
    `set server ${server} addr ${at.slice(0, colon)} port ${at.slice(colon + 1)}`,
    ...(map === undefined || want.path === undefined ? [] : pathCommands(map, name, want.path)),
    ...(want.weight === undefined ? [] : [`set server ${server} weight ${want.weight}`]),
    `set server ${server} state ${want.state}`,
    ...(want.prove ? [`set server ${server} health down`] : []),
  ];
}

/** A path with what separates commands and words in it is sent escaped, as HAProxy reads it. */
const pathCommands = (map: string, name: string, path: string): string[] => [
  `del map ${map} ${name}`,
  `add map ${map} ${name} ${path.replace(/[\\ ;]/g, '\\$&')}`,
];
