import * as z from 'zod';
import type { Check } from '../pipeline/domain/checks.ts';
import { deadline, mostPages, page } from './http.ts';

/** Of "List check runs for a Git reference" (GitHub's REST API, version 2022-11-28). */
const runs = z.object({
  check_runs: z.array(z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable() })),
});
/** Of "Get the combined status for a specific reference": the newest of each context. */
const statuses = z.object({ statuses: z.array(z.object({ context: z.string(), state: z.string() })) });

/** Check runs and commit statuses of a commit, the newest of each name. */
export async function githubChecks(
  api: string,
  project: string,
  sha: string,
  token: string | undefined,
): Promise<Check[]> {
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const at = (path: string, number: number): URL => {
    const [owner = '', name = ''] = project.split('/').map(encodeURIComponent);
    return new URL(`${api}/repos/${owner}/${name}/commits/${sha}/${path}?per_page=100&page=${number}`);
  };
  const signal = deadline();
  const found: Check[] = [];
  for (let number = 1; number <= mostPages; number++) {
    const { check_runs } = await page(at('check-runs', number), headers, runs, signal);
    found.push(
      ...check_runs.map(({ name, status, conclusion }) => ({ name, state: stateOf(status, conclusion) })),
    );
    if (check_runs.length < 100) break;
  }
  for (let number = 1; number <= mostPages; number++) {
    const { statuses: some } = await page(at('status', number), headers, statuses, signal);
    found.push(...some.map(({ context, state }) => ({ name: context, state: ofStatus(state) })));
    if (some.length < 100) break;
  }
  return found;
}

const stateOf = (status: string, conclusion: string | null): Check['state'] => {
  if (status !== 'completed') return 'running';
  // GitHub itself takes `skipped` and `neutral` for passed; a workflow of the commit's own can bring both about.
  return conclusion === 'success' ? 'passed' : 'failed';
};

const ofStatus = (state: string): Check['state'] =>
  state === 'success' ? 'passed' : state === 'pending' ? 'running' : 'failed';
