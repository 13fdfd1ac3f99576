import type { SuiteResult } from '../../pipeline/domain/release.ts';
import type { TextRef } from '../../pipeline/domain/time.ts';
import { inWords, oneLine } from './format.ts';

/** `41 of 42 tests passed`, and by suite; undefined before any ran. */
export function testsLine(suites: SuiteResult[], version: number): string | undefined {
  if (suites.length === 0) return undefined;
  const passed = suites.reduce((sum, suite) => sum + suite.passed, 0);
  const failed = suites.reduce((sum, suite) => sum + suite.failed, 0);
  const sign = failed === 0 ? '🧪' : '❌';
  const bySuite = suites
    .slice(0, 12)
    .map((suite) => `${suiteName(suite, version)} ${suite.passed}/${suite.passed + suite.failed}`)
    .join(', ');
  return `${sign} *${passed} of ${passed + failed} tests passed* · ${bySuite}`;
}

/** The names of the tests that failed; undefined when none did. */
export function failedTests(
  suites: SuiteResult[],
  version: number,
  texts: Record<TextRef, string>,
): string | undefined {
  const lines = suites
    .filter((suite) => suite.failed > 0)
    .map((suite) => {
      const named = suite.failures.slice(0, 5).map((name) => `“${oneLine(wordsOf(name, texts), 120)}”`);
      const rest = suite.failed - named.length;
      return `${suiteName(suite, version)}: ${inWords(named)}${rest > 0 ? ` and ${rest} more` : ''}`;
    });
  return lines.length === 0 ? undefined : `*Failed:* ${lines.join(' · ')}`;
}

/** Names that were stored before they were texts stand for themselves, also one that is called `constructor`. */
const wordsOf = (name: TextRef, texts: Record<TextRef, string>): string =>
  (Object.hasOwn(texts, name) ? texts[name] : undefined) ?? name;

/** The live release's own suites run against the candidate too: said so, since that means "not compatible". */
const suiteName = (suite: SuiteResult, version: number): string =>
  `${oneLine(suite.name, 60)}${suite.of === version ? '' : ` (of v${suite.of})`}`;
