import type { Millis } from './time.ts';

/** Checks of the forge that a commit needs before it can be approved, and where they are asked for. */
export interface RequiredChecks {
  forge: 'github' | 'gitlab';
  /** The API's address, without a path below it: `https://api.github.com`, `https://gitlab.example.com`. */
  api: string;
  /** `owner/name` or `group/project`. */
  project: string;
  /** A reference to the token that may read them. */
  token?: string | undefined;
  /** Their names, as the forge shows them. */
  required: string[];
  /** How long a release waits for them before it is built; left out: they are asked for at the click alone. */
  wait?: Millis | undefined;
}

/** How a check of one commit stands. */
export interface Check {
  name: string;
  state: 'passed' | 'running' | 'failed';
}

/** Why the required checks do not allow an approval, in words; undefined when all of them passed. */
export function checksProblem(required: readonly string[], found: readonly Check[]): string | undefined {
  const words = required.flatMap((name) => {
    // A forge may hold several of one name, of several apps or runs: each of them has to have passed.
    const states = found.filter((one) => one.name === name).map(({ state }) => state);
    if (states.length === 0) return [`${name} has not run`];
    if (states.includes('failed')) return [`${name} failed`];
    return states.includes('running') ? [`${name} still runs`] : [];
  });
  return words.length === 0 ? undefined : words.join(', ');
}

/** Whether one of the required checks failed: waiting does not help then. */
export const hasFailed = (required: readonly string[], found: readonly Check[]): boolean =>
  found.some(({ name, state }) => state === 'failed' && required.includes(name));
