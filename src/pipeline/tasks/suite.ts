import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommandEnd } from '../commands.ts';
import type { Fault } from '../domain/fault.ts';
import type { SuiteResult } from '../domain/release.ts';
import type { Command, Suite } from '../domain/service-file.ts';
import { ProviderError } from '../provider.ts';
import type { TaskCall, TaskTools } from './contract.ts';
import { doHttpCheck } from './http-check.ts';
import { readJunit } from './junit.ts';
import { inWords, runLogged } from './run-command.ts';
import { inside } from './scratch.ts';

const largestReport = 16 * 1024 * 1024;
const namedFailures = 5;

/** Where a suite runs, and against what. */
export interface Stand {
  /** The service's folder in the checkout of the release that the suite belongs to. */
  folder: string;
  env: Record<string, string>;
  address: string;
  /** That release. */
  of: number;
}

/** A suite that was run: its counts, and the last lines when it failed. */
export interface SuiteRun {
  result: SuiteResult;
  fault?: Extract<Fault, 'tests failed' | 'timeout'>;
  lines: string[];
}

/** Counts while a suite runs. */
class Tally {
  passed = 0;
  readonly failures: string[] = [];
  readonly lines: string[] = [];
  timedOut = false;

  fail(name: string): void {
    this.failures.push(name);
  }
}

const runHttp = async (suite: Suite, stand: Stand, tally: Tally, call: TaskCall): Promise<void> => {
  for (const check of suite.http) {
    const because = await doHttpCheck(check, stand.address, call.signal);
    if (call.signal.aborted)
      throw new ProviderError('aborted', `It was cancelled during the suite ${suite.name}.`);
    const line = `${because === undefined ? 'ok' : 'not ok'}: GET ${check.path}${because === undefined ? '' : `: ${because}`}`;
    call.log(line);
    if (because === undefined) tally.passed++;
    else {
      tally.fail(`GET ${check.path}`);
      tally.lines.push(line);
    }
  }
};

/** The report's own file, fresh: one that lay in the checkout says nothing of this run. */
const prepareReport = async (folder: string, junit: string): Promise<void> => {
  await mkdir(dirname(join(folder, junit)), { recursive: true });
  await rm(join(folder, junit), { force: true });
};

const reportText = async (folder: string, junit: string): Promise<string | undefined> => {
  const file = await inside(folder, junit);
  if (file === undefined) return undefined;
  const { size } = await stat(file);
  return size > largestReport ? undefined : readFile(file, 'utf8');
};

const countReport = async (junit: string, folder: string, tally: Tally): Promise<void> => {
  const text = await reportText(folder, junit);
  const counts = text === undefined ? undefined : readJunit(text);
  if (counts === undefined) {
    tally.fail(`no JUnit report at ${junit}`);
    return;
  }
  tally.passed += counts.passed;
  for (const name of counts.failures) tally.fail(name);
};

const countEnd = async (
  end: CommandEnd,
  command: Command,
  suite: Suite,
  stand: Stand,
  tally: Tally,
): Promise<void> => {
  if ('killed' in end) {
    tally.timedOut = true;
    tally.fail(`ended after ${inWords(command.timeout)}`);
  } else if ('notStarted' in end) {
    tally.fail(`could not be started: ${end.notStarted}`);
  } else {
    const before = tally.failures.length;
    if (suite.junit !== undefined) await countReport(suite.junit, stand.folder, tally);
    else if (end.exit === 0) tally.passed++;
    if (end.exit !== 0 && tally.failures.length === before)
      tally.fail(`${command.argv[0]} ended with exit code ${end.exit}`);
  }
  if (tally.failures.length > 0) tally.lines.push(...end.lastLines);
};

const runCommand = async (
  suite: Suite,
  command: Command,
  stand: Stand,
  tally: Tally,
  tools: TaskTools,
  call: TaskCall,
): Promise<void> => {
  if (suite.junit !== undefined) await prepareReport(stand.folder, suite.junit);
  const env = { ...stand.env, BAKERY_ADDRESS: stand.address };
  const { argv, timeout } = command;
  const end = await runLogged({ argv, timeout, cwd: stand.folder, env }, suite.name, tools.commands, call);
  await countEnd(end, command, suite, stand, tally);
};

/** Runs one suite against the candidate: its HTTP checks, then its command. Throws only when cancelled. */
export const runSuite = async (
  suite: Suite,
  stand: Stand,
  tools: TaskTools,
  call: TaskCall,
): Promise<SuiteRun> => {
  const tally = new Tally();
  await runHttp(suite, stand, tally, call);
  if (suite.command !== undefined) await runCommand(suite, suite.command, stand, tally, tools, call);
  const failed = tally.failures.length;
  call.progress(`${suite.name}: ${tally.passed} of ${tally.passed + failed} tests`);
  return {
    result: {
      name: suite.name,
      passed: tally.passed,
      failed,
      failures: tally.failures.slice(0, namedFailures),
      of: stand.of,
    },
    ...(failed === 0 ? {} : { fault: tally.timedOut ? 'timeout' : 'tests failed' }),
    lines: tally.lines,
  };
};
