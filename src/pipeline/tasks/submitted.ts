import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuiteResult } from '../domain/release.ts';
import type { ServiceFile } from '../domain/service-file.ts';
import type { Submission } from '../domain/submission.ts';
import type { TaskInputs } from '../domain/task.ts';
import { ProviderError } from '../provider.ts';
import type { TaskTools } from './contract.ts';
import { readJunit } from './junit.ts';

/** What the suite of an outside CI's tests is called on the card. */
export const submittedSuite = 'ci';
const shownFailures = 5;

/** Whether the commit's own file and the operators' agree on who builds it. Throws ProviderError `bad service file`. */
export function agreeOnBuild({ submitted }: TaskInputs['build'], { build }: ServiceFile): void {
  if ((build.external === true) === (submitted !== undefined)) return;
  throw new ProviderError(
    'bad service file',
    submitted === undefined
      ? 'bakery.yaml says `build: external`, and the operators let Bakery build it. Nothing was built; name `external` in its services/*.yaml, or the commands here.'
      : 'An outside CI handed a package over, and bakery.yaml says how Bakery builds it. Nothing was taken; write `build: external`.',
  );
}

/**
 * Takes what an outside CI has built, after its tests were counted. Throws ProviderError `no package` when the store
 * does not have it, `tests failed` when a report says so or is none.
 */
export async function takeSubmitted(
  { package: made, reports }: Submission,
  version: number,
  scratch: string,
  { store }: Pick<TaskTools, 'store'>,
): Promise<{ package: Submission['package']; tests?: SuiteResult }> {
  if (!(await store.has(made.digest)))
    throw new ProviderError(
      'no package',
      `The store does not have the package ${made.name} that was handed over: it may have been cleaned up. Nothing was taken; run the CI's pipeline again.`,
    );
  if (reports.length === 0) return { package: made };
  const tests: SuiteResult = { name: submittedSuite, passed: 0, failed: 0, failures: [], of: version };
  for (const [index, digest] of reports.entries()) {
    const file = join(scratch, `report-${index}.xml`);
    await store.fetch(digest, file);
    const counts = readJunit(await readFile(file, 'utf8'));
    if (counts === undefined)
      throw new ProviderError(
        'tests failed',
        `Report ${index + 1} of ${reports.length} is no JUnit report. Nothing was taken; hand over the XML that the tests wrote.`,
      );
    tests.passed += counts.passed;
    tests.failed += counts.failures.length;
    tests.failures.push(...counts.failures.slice(0, shownFailures - tests.failures.length));
  }
  if (tests.failed === 0) return { package: made, tests };
  throw new ProviderError(
    'tests failed',
    `${tests.failed} of ${tests.passed + tests.failed} tests of the outside CI failed. Nothing was taken; mend them and push again.`,
    { lines: tests.failures },
  );
}
