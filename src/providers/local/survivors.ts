import { basename, dirname } from 'node:path';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Carrier, carriersOf, isAlive, type ProcessName, signalGroup } from './process.ts';
import type { InstanceRecord, Records } from './records.ts';
import { keyVariable, markVariable } from './start.ts';

/** Running processes that carry the keys of this root's instances, by instance id, oldest first. */
export const carriersById = (records: Records): Map<string, Carrier[]> => {
  const found = new Map<string, Carrier[]>();
  for (const carrier of carriersOf(keyVariable)) {
    const folder = carrier.environment.get(keyVariable) ?? '';
    const id = basename(folder);
    if (records.folder(id) !== folder || dirname(folder) === folder) continue;
    found.set(id, [...(found.get(id) ?? []), carrier]);
  }
  return found;
};

/** What still runs of an instance: the process of its record, and all that were started below it, in whatever group. */
export const survivorsOf = (id: string, record: InstanceRecord, records: Records): ProcessName[] => {
  const carriers = carriersById(records).get(id) ?? [];
  const names = carriers.map((carrier) => carrier.name);
  const { process: leader } = record;
  if (leader === undefined || !isAlive(leader) || names.some((name) => name.pid === leader.pid)) return names;
  return [leader, ...names];
};

/** Signals each of them; the leader's whole group gets the signal once. */
export const signalAll = (
  leader: ProcessName | undefined,
  survivors: ProcessName[],
  signal: NodeJS.Signals,
): void => {
  if (leader !== undefined) signalGroup(leader, signal);
  const others = survivors.filter((name) => name.pid !== leader?.pid);
  // A member of the leader's group has its signal already; by force, twice does no harm, and nobody is left out.
  if (leader === undefined || signal === 'SIGKILL' || !isAlive(leader)) {
    for (const name of others) signalGroup(name, signal);
  }
};

/** The record of an instance whose record was lost, as its own processes tell it. */
export const recordFromCarriers = (
  id: string,
  carriers: Carrier[],
): (InstanceRecord & { process: ProcessName }) | undefined => {
  const [oldest] = carriers;
  const mark = oldest?.environment.get(markVariable);
  if (oldest === undefined || mark === undefined) return undefined;
  return {
    id,
    // Written by `startProcess` only; a process that forges our variables harms only itself.
    mark: JSON.parse(mark) as Mark,
    image: '',
    boot: oldest.name.boot,
    port: Number(oldest.environment.get('PORT') ?? 0),
    tries: 1,
    startedAt: 0,
    process: oldest.name,
  };
};
