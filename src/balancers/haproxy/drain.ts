import type { At, Millis } from '../../pipeline/domain/time.ts';
import { backendOf, type Haproxy, type LeavingProcess } from './haproxy.ts';
import { countersAt, type Place, serverNames } from './placed.ts';
import { closingNow, isUpgraded, lookAgain, sessionsOf } from './websockets.ts';

/** What keeps a drain from being over: undefined when nothing does. */
export interface StillDraining {
  again: Millis;
  note: string;
}

/**
 * One look at a member that drains: closes the WebSockets whose time has come, in the processes that a reload left
 * behind too. Over when no request is in flight and no client can send one to it any more, or at the deadline.
 */
export async function drainOnce(
  haproxy: Haproxy,
  slot: string,
  place: Place,
  deadline: At,
  now: At,
): Promise<StillDraining | undefined> {
  const [view, leaving] = await Promise.all([haproxy.view(slot), haproxy.leaving(slot)]);
  const old = leaving.flatMap((process) => whereIn(process, place));
  const inFlight =
    countersAt(place.number, view).inFlight +
    old.reduce((sum, { number, process }) => sum + countersAt(number, process.view).inFlight, 0);
  const idle = old.reduce((sum, { process }) => sum + process.idle, 0);
  if (inFlight === 0 && (idle === 0 || now >= deadline)) return undefined;
  await closeSome(slot, place.number, (line) => haproxy.ask(line), place.drainingSince ?? now, deadline, now);
  for (const { number, process } of old) {
    const ask = (line: string): Promise<string> => haproxy.askLeaving(process.pid, line);
    await closeSome(slot, number, ask, place.drainingSince ?? now, deadline, now);
  }
  if (now >= deadline) return undefined;
  const requests = `${inFlight} requests and WebSockets in flight`;
  const kept = idle === 0 ? '' : `, ${idle} connections of a process that a reload left behind`;
  return { again: lookAgain, note: requests + kept };
}

/** The place that the same address has in a process that is ending; nobody can move it there. */
function whereIn(process: LeavingProcess, { at }: Place): { number: number; process: LeavingProcess }[] {
  return [...process.view.servers].flatMap(([name, server]) => {
    const number = /^member(\d+)$/.exec(name)?.[1];
    return number !== undefined && server.at === at && server.state !== 'maint'
      ? [{ number: Number(number), process }]
      : [];
  });
}

async function closeSome(
  slot: string,
  number: number,
  ask: (line: string) => Promise<string>,
  since: At,
  deadline: At,
  now: At,
): Promise<void> {
  if (closingNow(1, since, deadline, now) === 0) return;
  const { member, spare } = serverNames(number);
  const ids = sessionsOf(await ask('show sess'), backendOf(slot), [member, spare]);
  const open: string[] = [];
  for (const id of ids) if (isUpgraded(await ask(`show sess ${id}`))) open.push(id);
  const closing = open.slice(0, closingNow(open.length, since, deadline, now));
  if (closing.length > 0) await ask(closing.map((id) => `shutdown session ${id}`).join(';'));
}
