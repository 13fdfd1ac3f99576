import * as z from 'zod';
import { ask } from './ask.ts';
import type { DeploymentStanding, StatusFeedback } from './feedback.ts';
import type { FeedbackForge, ForgePlace } from './feedback-port.ts';

const statuses = z.array(
  z.object({ name: z.string(), status: z.string(), target_url: z.string().nullish() }),
);
const made = z.object({ id: z.number() });
const deployments = z.array(z.object({ id: z.number(), sha: z.string(), status: z.string() }));
const requests = z.array(z.object({ iid: z.number(), state: z.string() }));
const notes = z.array(z.object({ body: z.string() }));
const one = z.object({ id: z.number(), status: z.string() });
const anything = z.unknown();

const mostPages = 10;

/** Statuses, deployments and notes by GitLab's REST API v4. */
export function gitlabFeedback({ api, project, token }: ForgePlace): FeedbackForge {
  const headers = { 'private-token': token };
  const at = (path: string): URL => new URL(`${api}/api/v4/projects/${encodeURIComponent(project)}/${path}`);
  const get = <Schema extends z.ZodType>(path: string, answer: Schema) =>
    ask({ method: 'GET', url: at(path), headers, answer });
  const send = <Schema extends z.ZodType>(
    method: 'POST' | 'PUT',
    path: string,
    body: Record<string, unknown>,
    answer: Schema,
  ) => ask({ method, url: at(path), headers, body, answer });

  /** GitLab keeps no word of ours with a deployment: one that is under way for this commit there is taken for it. */
  async function foundDeployment(sha: string, environment: string): Promise<number | undefined> {
    const query = new URLSearchParams({ environment, status: 'running', order_by: 'id', sort: 'desc' });
    const all = await get(`deployments?${query}`, deployments);
    return all.find((deployment) => deployment.sha === sha)?.id;
  }

  async function isToldOf(iid: number, mark: string): Promise<boolean> {
    for (let page = 1; page <= mostPages; page++) {
      const some = await get(`merge_requests/${iid}/notes?per_page=100&page=${page}`, notes);
      if (some.some(({ body }) => body.includes(mark))) return true;
      if (some.length < 100) return false;
    }
    return false;
  }

  return {
    async status({ sha, ref, context, state, says, link }) {
      const query = new URLSearchParams({ name: context, per_page: '100' });
      const all = await get(`repository/commits/${sha}/statuses?${query}`, statuses);
      const now = all.find(({ name }) => name === context);
      // GitLab refuses to be told the state that it has.
      if (now?.status === statusStates[state]) return;
      const body = { state: statusStates[state], ref, name: context, description: says };
      await send(
        'POST',
        `statuses/${sha}`,
        { ...body, ...(link === undefined ? {} : { target_url: link }) },
        anything,
      );
    },
    async deployment({ sha, ref, isTag, environment, state }, known, tell) {
      const status = standings[state];
      if (status === undefined) return;
      let number = known ?? (await foundDeployment(sha, environment));
      if (number === undefined) {
        // What ended before it began was never a deployment here.
        if (state !== 'in progress' && state !== 'success') return;
        // It always begins as one that runs: as such it is found again when this answer is lost.
        const body = { environment, sha, ref, tag: isTag, status: 'running' };
        number = (await send('POST', 'deployments', body, made)).id;
      }
      if (known === undefined) await tell(String(number));
      const now = await get(`deployments/${number}`, one);
      // It ends once; what came after it is a deployment of its own.
      if (now.status !== 'running' && now.status !== 'created') return;
      if (now.status !== status) await send('PUT', `deployments/${number}`, { status }, anything);
    },
    async comment(shas, { body, mark }) {
      const numbers = new Set<number>();
      for (const sha of shas)
        for (const { iid, state } of await get(
          `repository/commits/${sha}/merge_requests?per_page=100`,
          requests,
        ))
          if (state === 'merged') numbers.add(iid);
      for (const iid of numbers)
        if (!(await isToldOf(iid, mark)))
          await send('POST', `merge_requests/${iid}/notes`, { body }, anything);
    },
  };
}

const statusStates = {
  running: 'running',
  passed: 'success',
  failed: 'failed',
  cancelled: 'canceled',
} as const satisfies Record<StatusFeedback['state'], string>;

/** A deployment of GitLab's begins when it runs, and the newest that succeeded is what is live. */
const standings: Record<DeploymentStanding, 'running' | 'success' | 'failed' | 'canceled' | undefined> = {
  waiting: undefined,
  'in progress': 'running',
  success: 'success',
  failure: 'failed',
  cancelled: 'canceled',
  inactive: undefined,
};
