import type { CommandUrls } from './command-reports.ts';
import { onceProgram } from './once-program.ts';
import { type Starting, seedFiles, startsUnit, unitFile } from './starting.ts';
import { commandUnit, lib, runnerUnit } from './units.ts';

/** How many of the last lines of a command are told: as many as the log of a stage shows. */
const toldLines = 200;
/** Seconds between two tellings of the lines of a command that runs. */
const toldEvery = 5;

/** What a machine is told that runs a command to its end: once, told by these URLs, and then it switches itself off. */
export function runningOnceUserData(starting: Starting, urls: CommandUrls): Buffer {
  const { order, variables } = starting;
  const plan = { ...urls, lines: toldLines, every: toldEvery, hidden: secretsAmong(variables, order) };
  return startsUnit(
    [
      ...seedFiles(starting),
      unitFile('bakery-service', commandUnit(order)),
      unitFile('bakery-once', runnerUnit(order)),
      { path: '/etc/bakery/once.json', mode: '0600', content: JSON.stringify(plan) },
      { path: `${lib}/once.py`, mode: '0600', content: onceProgram },
    ],
    { starts: 'bakery-once.service' },
  );
}

/** The variables whose values came from secrets, where a worker read them. */
const secretsAmong = (variables: Record<string, string>, { spec }: Starting['order']): string[] =>
  Object.keys(variables).filter((name) => {
    const setting = spec.settings[name];
    return setting !== undefined && 'secret' in setting;
  });
