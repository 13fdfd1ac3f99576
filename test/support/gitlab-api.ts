import { type Answered, type Asked, type ForgeServer, forgeServer } from './forge-server.ts';

type Row = Record<string, unknown>;

/** What GitLab's pages would show of acme/hello. */
export interface GitlabPages extends ForgeServer {
  statuses: Row[];
  deployments: (Row & { id: number; status: string })[];
  requests: Record<string, { iid: number; state: string }[]>;
  notes: Record<string, { body: string }[]>;
}

const statusStates = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'];
const deploymentStates = ['running', 'success', 'failed', 'canceled'];
const refused = (message: string): Answered => ({ status: 400, body: { message } });

/**
 * The part of GitLab's REST API v4 that feedback uses, with its rules: a status is refused that would not change the
 * state, a deployment begins in one of four states and its end is not changed.
 */
export async function gitlabApi(): Promise<GitlabPages> {
  const pages = { statuses: [], deployments: [], requests: {}, notes: {} } as Omit<
    GitlabPages,
    keyof ForgeServer
  >;
  const server = await forgeServer((asked) => {
    if (asked.headers['private-token'] !== 'the token') return { status: 401, body: { message: '401' } };
    const [, path] = /^\/api\/v4\/projects\/acme%2Fhello\/(.+)$/.exec(asked.path) ?? [];
    return path === undefined
      ? { status: 404, body: { message: '404 Project Not Found' } }
      : route(path, asked);
  });

  function route(path: string, { method, query, body }: Asked): Answered {
    const [, sha = '', what] =
      /^repository\/commits\/([0-9a-f]{40})\/(statuses|merge_requests)$/.exec(path) ?? [];
    if (method === 'GET' && what === 'statuses')
      return {
        status: 200,
        body: pages.statuses.filter((one) => one.sha === sha && one.name === query.get('name')),
      };
    if (method === 'GET' && what === 'merge_requests')
      return { status: 200, body: pages.requests[sha] ?? [] };
    const [, of] = /^statuses\/([0-9a-f]{40})$/.exec(path) ?? [];
    if (method === 'POST' && of !== undefined) return setStatus(of, body);
    if (path === 'deployments') return method === 'POST' ? deploy(body) : { status: 200, body: list(query) };
    const [, id] = /^deployments\/(\d+)$/.exec(path) ?? [];
    const deployment = pages.deployments.find((one) => one.id === Number(id));
    if (deployment !== undefined) {
      if (method === 'GET') return { status: 200, body: deployment };
      if (deployment.status !== 'running') return refused('Cannot transition status');
      deployment.status = String(body.status);
      return { status: 200, body: deployment };
    }
    const [, iid] = /^merge_requests\/(\d+)\/notes$/.exec(path) ?? [];
    if (iid === undefined) return { status: 404, body: { message: '404 Not Found' } };
    pages.notes[iid] ??= [];
    if (method === 'GET') return { status: 200, body: query.get('page') === '1' ? pages.notes[iid] : [] };
    pages.notes[iid].push({ body: String(body.body) });
    return { status: 201, body: { id: 1 } };
  }

  function setStatus(sha: string, { state, name, description, target_url }: Row): Answered {
    if (!statusStates.includes(String(state))) return refused('state does not have a valid value');
    const known = pages.statuses.find((one) => one.sha === sha && one.name === name);
    if (known?.status === state) return refused(`Cannot transition status via :run from :${String(state)}`);
    const row = { sha, name, status: state, description, target_url };
    if (known === undefined) pages.statuses.push(row);
    else Object.assign(known, row);
    return { status: 201, body: row };
  }
  function deploy(body: Row): Answered {
    if (!deploymentStates.includes(String(body.status))) return refused('status does not have a valid value');
    const deployment = { ...body, id: 90 + pages.deployments.length, status: String(body.status) };
    pages.deployments.push(deployment);
    return { status: 201, body: deployment };
  }
  const list = (query: URLSearchParams): Row[] =>
    pages.deployments
      .filter(
        (one: Row) => one.environment === query.get('environment') && one.status === query.get('status'),
      )
      .toReversed();

  return Object.assign(server, pages);
}
