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

/** The checkouts of all parts, one after the other: suites of the first run while the others still come. */
class Checkouts {
  readonly #bySha = new Map<string, Promise<Checkout>>();
  readonly #all: Promise<unknown>;
  readonly #broken = new AbortController();

  constructor(
    { repository, folder, access, parts }: Input,
    scratch: string,
    tools: TaskTools,
    call: TaskCall,
  ) {
    const from = { repository, folder, ...(access === undefined ? {} : { access }) };
    const shas = [...new Set(parts.map(({ sha }) => sha))];
    let before: Promise<unknown> = Promise.resolve();
    for (const sha of shas) {
      const one = before.then(() => checkOut({ ...from, sha }, join(scratch, sha), tools, call));
      this.#bySha.set(sha, one);
      before = one;
    }
    const all = [...this.#bySha.values()];
    for (const one of all) one.catch((error: unknown) => this.#broken.abort(error));
    this.#all = Promise.allSettled(all);
  }

  of(sha: string): Promise<Checkout> | undefined {
    return this.#bySha.get(sha);
  }

  /** Throws what one of them failed by, whether or not it was asked for yet: no suite is begun in vain. */
  throwIfBroken(): void {
    this.#broken.signal.throwIfAborted();
  }

  /** Nothing writes below the scratch folder after that. */
  async over(): Promise<void> {
    await this.#all;
  }
}

const runAll = async (
  input: Input,
  scratch: string,
  tools: TaskTools,
  call: TaskCall,
): Promise<SuiteRun[]> => {
  const parts = input.parts.filter((part) => part.suites.length > 0);
  call.progress(`fetching ${parts.map(({ version }) => `v${version}`).join(' and ')}`);
  const checkouts = new Checkouts({ ...input, parts }, scratch, tools, call);
  const runs: SuiteRun[] = [];
  try {
    for (const { version, sha, suites } of parts) {
      const checkout = await checkouts.of(sha);
      if (checkout === undefined) continue;
      const env = await commandEnvironment(scratch, checkout);
      const stand = { folder: checkout.folder, env, address: input.address, of: version };
      for (const suite of suites) {
        checkouts.throwIfBroken();
        call.log(`suite ${suite.name} (${suite.kind}) of v${version}`);
        runs.push(await runSuite(suite, stand, tools, call));
      }
    }
  } finally {
    await checkouts.over();
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
