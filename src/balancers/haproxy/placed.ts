import { isIP } from 'node:net';
import type { At } from '../../pipeline/domain/time.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { SavedSlot } from '../rules.ts';
import type { BackendView, ServerView } from './view.ts';

/** Which of the pre-declared servers an instance has, and where HAProxy reaches it. */
export interface Place {
  /** `member3` and, while it has no weight, `spare3`. */
  number: number;
  /** `address:port`, resolved. */
  at: string;
  /** HAProxy's counters when it took the place, in the process where that was. */
  base: { pid: number; requests: number; failed: number };
  /** When draining began, in milliseconds. */
  drainingSince?: number;
}

/** A slot as it should be: what every balancer keeps, and where its members stand in HAProxy. */
export interface PlacedSlot {
  saved: SavedSlot;
  places: Record<string, Place>;
  /** Places of instances that are being started, which are checked already. */
  coming?: Coming[];
}

/** A place that is checked before its instance is a member: until then. */
export interface Coming extends Expected {
  number: number;
  until: At;
}

/** An instance that is being started. */
export interface Expected {
  key: string;
  /** `address:port`, resolved; where nobody answers while it is not known. */
  at: string;
  path: string;
}

/** Where nobody answers: what a server is declared with, and where one is checked whose instance has no address yet. */
export const nowhere = '127.0.0.1:1';

export const serverNames = (number: number): { member: string; spare: string } => ({
  member: `member${number}`,
  spare: `spare${number}`,
});

/** The numbers for which the backend declares both servers. */
export const numbersOf = ({ servers }: BackendView): number[] =>
  [...servers.keys()]
    .flatMap((name) => /^member(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((number) => servers.has(serverNames(number).spare))
    .sort((one, other) => one - other);

/**
 * Gives each member a place and takes it from those that are gone. A place whose server has the address already is
 * taken up; else one without a request in flight that expects nobody. Throws `quota` when the backend has no
 * place left.
 */
export function placed(
  saved: SavedSlot,
  { places: before, coming = [] }: Pick<PlacedSlot, 'places' | 'coming'>,
  addresses: ReadonlyMap<string, string>,
  view: BackendView,
  now: number,
): PlacedSlot {
  const places: PlacedSlot['places'] = {};
  const taken = new Set(saved.members.flatMap(({ instance }) => before[instance]?.number ?? []));
  for (const member of saved.members) {
    const known = before[member.instance];
    const at = addresses.get(member.instance) ?? known?.at ?? '';
    const number = known?.number ?? freeNumber(saved.slot, at, taken, coming, view);
    taken.add(number);
    const base = known?.base ?? { pid: view.pid, ...countersAt(number, view) };
    const since = member.draining ? { drainingSince: known?.drainingSince ?? now } : {};
    places[member.instance] = { number, at, base, ...since };
  }
  return { saved, places, ...comingOnly(coming, ({ number, until }) => !taken.has(number) && until > now) };
}

/** Has an instance expected at a free place, until then; until now: no longer. Without a free place it is not. */
export function expectedAt(
  before: PlacedSlot,
  expected: Expected,
  until: At,
  view: BackendView,
  now: At,
): PlacedSlot {
  const { saved, places, coming = [] } = before;
  const known = coming.find(({ key }) => key === expected.key);
  const others = coming.filter((one) => one !== known && one.until > now);
  const isMember = Object.values(places).some(({ at }) => at === expected.at);
  // Two workers at one launch: what one of them knows the other one need not know.
  const at = expected.at === nowhere ? (known?.at ?? nowhere) : expected.at;
  const taken = new Set([...Object.values(places), ...others].map(({ number }) => number));
  const number = known?.number ?? idleNumbers(taken, view)[0];
  if (isMember || number === undefined || until <= now)
    return { saved, places, ...comingOnly(others, () => true) };
  return { saved, places, coming: [...others, { number, ...expected, at, until }] };
}

function comingOnly(coming: readonly Coming[], holds: (one: Coming) => boolean): Pick<PlacedSlot, 'coming'> {
  const left = coming.filter(holds);
  return left.length === 0 ? {} : { coming: left };
}

const idleNumbers = (taken: ReadonlySet<number>, view: BackendView): number[] =>
  numbersOf(view).filter((number) => !taken.has(number) && countersAt(number, view).inFlight === 0);

function freeNumber(
  slot: string,
  at: string,
  taken: ReadonlySet<number>,
  coming: readonly Coming[],
  view: BackendView,
): number {
  const free = numbersOf(view).filter((number) => !taken.has(number));
  const server = (number: number) => view.servers.get(serverNames(number).member);
  const own = coming.find((one) => one.at === at && free.includes(one.number))?.number;
  const same = free.find((number) => server(number)?.at === at && server(number)?.state !== 'maint');
  const takenSoon = new Set([...taken, ...coming.map(({ number }) => number)]);
  const chosen = own ?? same ?? idleNumbers(takenSoon, view)[0] ?? idleNumbers(taken, view)[0] ?? free[0];
  if (chosen !== undefined) return chosen;
  throw new ProviderError(
    'quota',
    `All ${taken.size} places of ${slot} in HAProxy are taken; nothing was changed. Raise the number in the \`server-template\` lines of its backend and reload HAProxy.`,
  );
}

/**
 * What HAProxy's checks say of a member; of one that stands by only once they say it of its spare too, which requests
 * would reach it through: the two are checked at different times.
 */
export function healthAt(number: number, standsBy: boolean, { servers }: BackendView): ServerView['health'] {
  const { member, spare } = serverNames(number);
  const own = servers.get(member)?.health ?? 'unknown';
  return standsBy && own === 'healthy' ? (servers.get(spare)?.health ?? 'unknown') : own;
}

/** The counters of both servers of a place in sum. */
export function countersAt(
  number: number,
  { servers }: BackendView,
): { requests: number; failed: number; inFlight: number } {
  const { member, spare } = serverNames(number);
  const both = [servers.get(member), servers.get(spare)].filter((one) => one !== undefined);
  const sum = (key: 'requests' | 'failed' | 'inFlight'): number =>
    both.reduce((total, one) => total + one[key], 0);
  return { requests: sum('requests'), failed: sum('failed'), inFlight: sum('inFlight') };
}

/**
 * What HAProxy serves in a backend of which nothing is kept (its state folder was lost): taken up as it is, each under
 * its server's name, so that nothing that serves is taken out before a shift says so.
 */
export function adopted(slot: string, port: number, view: BackendView): PlacedSlot {
  const serving = numbersOf(view).filter((number) => {
    const server = view.servers.get(serverNames(number).member);
    return server?.state === 'ready' && server.at !== nowhere;
  });
  const members = serving.map((number) => {
    const server = view.servers.get(serverNames(number).member);
    return {
      instance: serverNames(number).member,
      address: `http://${server?.at ?? ''}`,
      path: view.paths?.get(serverNames(number).member) ?? '',
      weight: Math.min(100, server?.weight ?? 0),
      draining: false,
    };
  });
  const places = serving.map((number): [string, Place] => {
    const { member } = serverNames(number);
    const base = { pid: view.pid, ...countersAt(number, view) };
    return [member, { number, at: view.servers.get(member)?.at ?? '', base }];
  });
  return { saved: { slot, port, epoch: 0, members }, places: Object.fromEntries(places) };
}

/** An instance's address as HAProxy takes it, with its host still to be resolved when that is a name. */
export function hostAndPort(address: string): { host: string; port: number; resolved: boolean } {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:')
    throw new ProviderError(
      'unexpected state',
      `The address ${address} is not http://host:port, and HAProxy's servers are declared for that. Nothing was changed.`,
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(url.port || 80), resolved: isIP(host) !== 0 };
}
