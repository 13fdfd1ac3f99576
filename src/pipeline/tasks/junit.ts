import { XMLParser } from 'fast-xml-parser';

/** What a JUnit report says; skipped tests count as neither. */
export interface TestCounts {
  passed: number;
  /** Names of the tests that failed. */
  failures: string[];
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', processEntities: true });

const isNode = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const countCase = (test: Record<string, unknown>, counts: TestCounts): void => {
  if ('failure' in test || 'error' in test)
    counts.failures.push(String(test['@name'] ?? 'a test without a name'));
  else if (!('skipped' in test)) counts.passed++;
};

const countSuite = (suite: unknown, counts: TestCounts): void => {
  if (!isNode(suite)) return;
  for (const test of listOf(suite.testcase)) {
    if (isNode(test)) countCase(test, counts);
    else counts.passed++;
  }
  for (const inner of listOf(suite.testsuite)) countSuite(inner, counts);
};

/** Reads a JUnit XML report, however deep its suites lie; undefined when the text is none. */
export const readJunit = (xml: string): TestCounts | undefined => {
  try {
    const document: unknown = parser.parse(xml, true);
    if (!isNode(document) || !('testsuites' in document || 'testsuite' in document)) return undefined;
    const counts: TestCounts = { passed: 0, failures: [] };
    countSuite(document, counts);
    for (const root of listOf(document.testsuites)) countSuite(root, counts);
    return counts;
  } catch {
    return undefined;
  }
};
