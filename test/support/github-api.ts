import { type Answered, type Asked, type ForgeServer, forgeServer } from './forge-server.ts';

type Row = Record<string, unknown>;

/** What GitHub's pages would show of acme/hello. */
export interface GithubPages extends ForgeServer {
  statuses: Row[];
  deployments: (Row & { id: number; statuses: Row[] })[];
  pulls: Record<string, { number: number; merged_at: string | null }[]>;
  comments: Record<string, { body: string }[]>;
}

const statusStates = ['error', 'failure', 'pending', 'success'];
const deploymentStates = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];
const invalid = (message: string): Answered => ({ status: 422, body: { message } });

/**
 * The part of GitHub's REST API (2022-11-28) that feedback uses, with its rules: commit statuses, deployments, pull
 * requests of a commit, and comments. Newest first, as GitHub lists them.
 */
export async function githubApi(): Promise<GithubPages> {
  const pages = { statuses: [], deployments: [], pulls: {}, comments: {} } as Omit<
    GithubPages,
    keyof ForgeServer
  >;
  const server = await forgeServer((asked) => {
    if (asked.headers.authorization !== 'Bearer the token')
      return { status: 401, body: { message: 'Bad credentials' } };
    const [, path] = /^\/repos\/acme\/hello\/(.+)$/.exec(asked.path) ?? [];
    return path === undefined ? { status: 404, body: { message: 'Not Found' } } : route(path, asked);
  });

  function route(path: string, { method, query, body }: Asked): Answered {
    const [, sha, what] = /^commits\/([0-9a-f]{40})\/(status|pulls)$/.exec(path) ?? [];
    if (method === 'GET' && what === 'status') return { status: 200, body: { statuses: newestOf(sha) } };
    if (method === 'GET' && what === 'pulls') return { status: 200, body: pages.pulls[sha ?? ''] ?? [] };
    const [, of] = /^statuses\/([0-9a-f]{40})$/.exec(path) ?? [];
    if (method === 'POST' && of !== undefined) return addStatus(of, body);
    if (path === 'deployments') return method === 'POST' ? deploy(body) : { status: 200, body: list(query) };
    const [, id] = /^deployments\/(\d+)\/statuses$/.exec(path) ?? [];
    const deployment = pages.deployments.find((one) => one.id === Number(id));
    if (deployment !== undefined) {
      if (method === 'GET')
        return {
          status: 200,
          body: deployment.statuses.toReversed().slice(0, Number(query.get('per_page'))),
        };
      return addDeploymentStatus(deployment, body);
    }
    const [, number = ''] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    if (number === '') return { status: 404, body: { message: 'Not Found' } };
    pages.comments[number] ??= [];
    if (method === 'GET')
      return { status: 200, body: query.get('page') === '1' ? pages.comments[number] : [] };
    pages.comments[number].push({ body: String(body.body) });
    return { status: 201, body: { id: 1 } };
  }

  const newestOf = (sha: string | undefined): Row[] => {
    const newest = new Map(pages.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]));
    return [...newest.values()];
  };
  function addStatus(sha: string, { state, description, context, target_url }: Row): Answered {
    if (!statusStates.includes(String(state))) return invalid('State is not included in the list');
    if (String(description).length > 140)
      return invalid('Description is too long (maximum is 140 characters)');
    pages.statuses.push({ sha, state, description, context, target_url });
    return { status: 201, body: { id: pages.statuses.length } };
  }
  function deploy(body: Row): Answered {
    if (String(body.description).length > 140) return invalid('Description is too long');
    const deployment = { ...body, sha: body.ref, id: 70 + pages.deployments.length, statuses: [] };
    pages.deployments.push(deployment);
    return { status: 201, body: deployment };
  }
  const list = (query: URLSearchParams): Row[] =>
    pages.deployments
      .filter(
        ({ sha, environment }: Row) => sha === query.get('sha') && environment === query.get('environment'),
      )
      .toReversed();
  function addDeploymentStatus(deployment: GithubPages['deployments'][number], body: Row): Answered {
    if (!deploymentStates.includes(String(body.state))) return invalid('State is not included in the list');
    if (String(body.description).length > 140) return invalid('Description is too long');
    deployment.statuses.push(body);
    return { status: 201, body: { id: deployment.statuses.length } };
  }

  return Object.assign(server, pages);
}
