import type { Finding } from './finding.ts';

const signs: Record<Finding['is'], string> = { well: 'ok     ', advice: 'advice ', wrong: 'WRONG  ' };

/** A finding as lines of a terminal: what, then why and what to do below it. */
export const findingLines = (finding: Finding): string[] => [
  `${signs[finding.is]}${finding.what}`,
  ...(finding.is === 'well' ? [] : [finding.why, finding.todo].map((line) => `       ${line}`)),
];

/** The last line: how many of each. */
export function summary(findings: readonly Finding[]): string {
  const count = (is: Finding['is']): number => findings.filter((finding) => finding.is === is).length;
  const bad = count('wrong');
  return `${count('well')} as it should be, ${count('advice')} to think about, ${bad} wrong.${bad === 0 ? '' : ' This installation needs somebody.'}`;
}
