import * as z from 'zod';
import type { Check } from '../pipeline/domain/checks.ts';
import { deadline, mostPages, page } from './http.ts';

/** Of "List the statuses of a commit" (GitLab's REST API v4): the newest of each name. */
const statuses = z.array(z.object({ name: z.string(), status: z.string() }));

const running = new Set([
  'created',
  'waiting_for_resource',
  'preparing',
  'pending',
  'running',
  'scheduled',
  'manual',
]);

/**
 * Jobs and external statuses of a commit. Only what succeeded has passed: that a job may fail or be skipped stands in the
 * commit itself, whose author would then decide what is required of him.
 */
export async function gitlabChecks(
  api: string,
  project: string,
  sha: string,
  token: string | undefined,
): Promise<Check[]> {
  const headers: Record<string, string> = token === undefined ? {} : { 'private-token': token };
  const signal = deadline();
  const found: Check[] = [];
  for (let number = 1; number <= mostPages; number++) {
    const url = new URL(
      `${api}/api/v4/projects/${encodeURIComponent(project)}/repository/commits/${sha}/statuses?per_page=100&page=${number}`,
    );
    const some = await page(url, headers, statuses, signal);
    found.push(...some.map(({ name, status }) => ({ name, state: stateOf(status) })));
    if (some.length < 100) break;
  }
  return found;
}

const stateOf = (status: string): Check['state'] => {
  if (status === 'success') return 'passed';
  return running.has(status) ? 'running' : 'failed';
};
