import { join } from 'node:path';
import { refuseFullDisk } from '../disk-fault.ts';
import type { Failure } from '../domain/fault.ts';
import type { Outcome, TaskInputs } from '../domain/task.ts';
import { type Checkout, checkOut } from './checkout.ts';
import { commandEnvironment } from './command-folders.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { inScratch } from './scratch.ts';
import { runSuite, type SuiteRun } from './suite.ts';

type Input = TaskInputs['verify'];

const runAll = async (
  input: Input,
  scratch: string,
  tools: TaskTools,
  call: TaskCall,
): Promise<SuiteRun[]> => {
  const parts = input.parts.filter((part) => part.suites.length > 0);
  const { repository, folder, access } = input;
  call.progress(`fetching ${parts.map(({ version }) => `v${version}`).join(' and ')}`);
  const shas = [...new Set(parts.map(({ sha }) => sha))];
  const checkouts = new Map(
    await Promise.all(
      shas.map(
        async (sha): Promise<[string, Checkout]> => [
          sha,
          await checkOut(
            { repository, folder, sha, ...(access === undefined ? {} : { access }) },
            join(scratch, sha),
            tools,
            call,
          ),
        ],
      ),
    ),
  );
  const runs: SuiteRun[] = [];
  for (const { version, sha, suites } of parts) {
    const checkout = checkouts.get(sha);
    if (checkout === undefined) continue;
    const env = await commandEnvironment(scratch, checkout);
    const stand = { folder: checkout.folder, env, address: input.address, of: version };
    for (const suite of suites) {
      call.log(`suite ${suite.name} (${suite.kind}) of v${version}`);
      runs.push(await runSuite(suite, stand, tools, call));
    }
  }
  return runs;
};

const failureOf = ({ result, fault, lines }: SuiteRun): Failure | undefined => {
  if (fault === undefined) return undefined;
  const all = result.passed + result.failed;
  const what = `The suite ${result.name} of v${result.of} failed: ${result.passed} of ${all} tests passed; first failed "${result.failures[0] ?? ''}".`;
  const why = fault === 'timeout' ? ' It took longer than it may and was ended.' : '';
  return {
    fault,
    sentence: `${what}${why} Nothing that is live was touched; repair it and push again.`,
    lines,
  };
};

/** Runs every suite of every part against the candidate, all of them also when one fails. Makes nothing. */
export const verify: Task<'verify'> = {
  kind: 'verify',
  run: (input, tools, call) =>
    inScratch(tools.scratch, 'run the suites', async (scratch): Promise<Outcome<'verify'>> => {
      const runs = await runAll(input, scratch, tools, call);
      const suites = runs.map((run) => run.result);
      const failure = runs.map(failureOf).find((one) => one !== undefined);
      if (failure !== undefined) await refuseFullDisk(scratch, failure.lines ?? []);
      if (failure !== undefined) return { is: 'failed', failure, evidence: { suites } };
      return { is: 'done', result: { suites } };
    }),
};
