import { readdirSync, readFileSync } from 'node:fs';
import { systemCode } from '../../pipeline/disk-fault.ts';

/** A process that cannot be mistaken for another: a pid is used again, a pid with its start time is not until a reboot. */
export interface ProcessName {
  /** Changes with every boot of this machine. */
  boot: string;
  pid: number;
  /** Field 22 of /proc/pid/stat: clock ticks from boot to its start. */
  startTime: string;
}

const bootFile = '/proc/sys/kernel/random/boot_id';
let boot: string | undefined;

/** This boot of this machine. */
export const bootId = (): string => {
  boot ??= readFileSync(bootFile, 'utf8').trim();
  return boot;
};

const statOf = (pid: number): { state: string; startTime: string } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in parentheses and may hold anything, also blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state === undefined || startTime === undefined ? undefined : { state, startTime };
  } catch {
    return undefined;
  }
};

/** Names a process that is there now, also one that has just ended. */
export const nameOf = (pid: number): ProcessName | undefined => {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { boot: bootId(), pid, startTime: stat.startTime };
};

/** This process. */
export const ourselves = (): ProcessName => {
  const name = nameOf(process.pid);
  if (name === undefined) throw new Error('/proc does not show this process: the local provider needs Linux');
  return name;
};

/** Whether exactly this process still runs; a zombie, which only waits to be counted, does not. */
export const isAlive = (name: ProcessName): boolean => {
  if (name.boot !== bootId()) return false;
  const stat = statOf(name.pid);
  return stat !== undefined && stat.startTime === name.startTime && stat.state !== 'Z' && stat.state !== 'X';
};

/** Signals the process and, if it leads one, its whole group. What is gone already is fine. */
export const signalGroup = (name: ProcessName, signal: NodeJS.Signals): void => {
  if (!isAlive(name)) return;
  for (const target of [-name.pid, name.pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      // No group of that number: it does not lead one, so it is signalled alone.
      if (systemCode(error) !== 'ESRCH') throw error;
    }
  }
};

/** A running process whose environment carries one of our keys. */
export interface Carrier {
  name: ProcessName;
  environment: Map<string, string>;
}

const environmentOf = (text: string): Map<string, string> =>
  new Map(
    text
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
  );

/**
 * The environment of a process as /proc shows it; empty for another user's and for one that is gone. No disk is behind it:
 * to read it at once takes a tenth of the time of a read that is waited for.
 */
const environOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
};

/** Every process of this user whose environment names `variable`, oldest first. */
export const carriersOf = (variable: string): Carrier[] => {
  const found: Carrier[] = [];
  for (const pid of readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    const text = environOf(pid);
    const environment = text.includes(`${variable}=`) ? environmentOf(text) : undefined;
    if (!environment?.has(variable)) continue;
    const name = nameOf(Number(pid));
    if (name !== undefined && isAlive(name)) found.push({ name, environment });
  }
  return found.sort((one, other) => Number(one.name.startTime) - Number(other.name.startTime));
};
