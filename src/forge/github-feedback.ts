import * as z from 'zod';
import { ask } from './ask.ts';
import type { DeploymentStanding, StatusFeedback } from './feedback.ts';
import type { FeedbackForge, ForgePlace } from './feedback-port.ts';

const statuses = z.object({
  statuses: z.array(
    z.object({
      context: z.string(),
      state: z.string(),
      description: z.string().nullish(),
      target_url: z.string().nullish(),
    }),
  ),
});
const made = z.object({ id: z.number() });
const deployments = z.array(z.object({ id: z.number(), payload: z.unknown() }));
const deploymentStatuses = z.array(z.object({ state: z.string(), description: z.string().nullish() }));
const pulls = z.array(z.object({ number: z.number(), merged_at: z.string().nullish() }));
const comments = z.array(z.object({ body: z.string().nullish() }));
const anything = z.unknown();

/** Pages of a hundred that are looked through for what a lost answer may have made. */
const mostPages = 10;

/** Statuses, deployments and comments by GitHub's REST API, version 2022-11-28. */
export function githubFeedback({ api, project, token }: ForgePlace): FeedbackForge {
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    authorization: `Bearer ${token}`,
  };
  const [owner = '', name = ''] = project.split('/').map(encodeURIComponent);
  const at = (path: string): URL => new URL(`${api}/repos/${owner}/${name}/${path}`);
  const get = <Schema extends z.ZodType>(path: string, answer: Schema) =>
    ask({ method: 'GET', url: at(path), headers, answer });
  const post = <Schema extends z.ZodType>(path: string, body: Record<string, unknown>, answer: Schema) =>
    ask({ method: 'POST', url: at(path), headers, body, answer });

  async function foundDeployment(id: string, sha: string, environment: string): Promise<number | undefined> {
    const query = new URLSearchParams({ sha, environment, task: 'deploy', per_page: '100' });
    const all = await get(`deployments?${query}`, deployments);
    return all.find(({ payload }) => keyIn(payload) === id)?.id;
  }

  async function isToldOf(number: number, mark: string): Promise<boolean> {
    for (let page = 1; page <= mostPages; page++) {
      const some = await get(`issues/${number}/comments?per_page=100&page=${page}`, comments);
      if (some.some(({ body }) => body?.includes(mark))) return true;
      if (some.length < 100) return false;
    }
    return false;
  }

  return {
    async status({ sha, context, state, says, link }) {
      const wanted = { state: statusStates[state], description: says, context };
      const { statuses: all } = await get(`commits/${sha}/status?per_page=100`, statuses);
      const now = all.find((one) => one.context === context);
      const same = now?.state === wanted.state && now.description === says;
      if (same && (link === undefined || now.target_url === link)) return;
      await post(
        `statuses/${sha}`,
        { ...wanted, ...(link === undefined ? {} : { target_url: link }) },
        anything,
      );
    },
    async deployment(deployment, known, tell) {
      const { id, sha, environment, production, state, says, link } = deployment;
      let number = known ?? (await foundDeployment(id, sha, environment));
      if (number === undefined) {
        const body = {
          ref: sha,
          task: 'deploy',
          auto_merge: false,
          required_contexts: [],
          environment,
          production_environment: production,
          description: says,
          payload: { bakery: id },
        };
        number = (await post('deployments', body, made)).id;
      }
      if (known === undefined) await tell(String(number));
      const path = `deployments/${number}/statuses`;
      const [newest] = await get(`${path}?per_page=1`, deploymentStatuses);
      const wanted = standings[state];
      if (newest?.state === wanted && newest.description === says) return;
      const body = { state: wanted, description: says, auto_inactive: false };
      await post(path, { ...body, ...(link === undefined ? {} : { log_url: link }) }, anything);
    },
    async comment(shas, { body, mark }) {
      const numbers = new Set<number>();
      for (const sha of shas)
        for (const { number, merged_at } of await get(`commits/${sha}/pulls?per_page=100`, pulls))
          if (merged_at != null) numbers.add(number);
      for (const number of numbers)
        if (!(await isToldOf(number, mark))) await post(`issues/${number}/comments`, { body }, anything);
    },
  };
}

const statusStates = {
  running: 'pending',
  passed: 'success',
  failed: 'failure',
  cancelled: 'error',
} as const satisfies Record<StatusFeedback['state'], string>;

const standings = {
  waiting: 'queued',
  'in progress': 'in_progress',
  success: 'success',
  failure: 'failure',
  cancelled: 'inactive',
  inactive: 'inactive',
} as const satisfies Record<DeploymentStanding, string>;

/** GitHub gives the payload back as it was sent, or as text. */
function keyIn(payload: unknown): string | undefined {
  const parsed = z
    .object({ bakery: z.string() })
    .safeParse(typeof payload === 'string' ? parse(payload) : payload);
  return parsed.success ? parsed.data.bakery : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
