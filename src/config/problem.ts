/** One thing wrong in one place of a configuration file. The sentence says what is wrong and the fix. */
export interface Problem {
  file: string;
  /** Counted from 1. */
  line: number;
  sentence: string;
}

/** `services/hello.yaml:14: …`, as it is printed and as editors understand it. */
export const printProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}: ${problem.sentence}`;
