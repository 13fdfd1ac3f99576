import { gunzipSync } from 'node:zlib';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Answer, Ask } from '../../../src/providers/openstack/exchange.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import { Session } from '../../../src/providers/openstack/session.ts';

export interface SmallServer {
  id: string;
  name: string;
  status: string;
  created: string;
  metadata: Record<string, string>;
  addresses: object;
  userData: string;
  tags: string[];
}

const keystone = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const keyHeader = 'x-container-meta-temp-url-key';

/** Nova and Swift in memory, as far as commands ask them, with servers that do what a test has them do. Time stands still unless it is moved. */
export function smallCloud({ swift = true } = {}) {
  const world = { now: Date.parse('2026-01-01T00:00:00Z') };
  const servers = new Map<string, SmallServer>();
  const gone: SmallServer[] = [];
  const objects = new Map<string, string>();
  /** What was asked of Nova, as `POST /servers`. */
  const asked: string[] = [];
  /** Looks at Nova's servers that see none of them, and starts whose answers are lost. */
  const troubles = { blindLooks: 0, lostStarts: 0 };
  let key: string | undefined;
  let made = 0;
  const reply = (status: number, body: unknown = '', headers: Record<string, string> = {}): Answer => ({
    status,
    text: typeof body === 'string' ? body : JSON.stringify(body),
    header: (name) => headers[name],
  });

  const offered = swift ? ['compute', 'image', 'network', 'object-store'] : ['compute', 'image', 'network'];
  const catalog = offered.map((type) => ({
    type,
    endpoints: [{ interface: 'public', region_id: 'R', url: `http://${type}/v2` }],
  }));
  const token = () => ({
    expires_at: new Date(world.now + 3_600_000).toISOString(),
    project: { id: 'p' },
    catalog,
  });

  function look(query: URLSearchParams): Answer {
    if (troubles.blindLooks > 0) {
      troubles.blindLooks -= 1;
      return reply(200, { servers: [] });
    }
    const name = new RegExp(query.get('name') ?? '');
    const tag = query.get('tags');
    const all = query.has('changes-since') ? [...servers.values(), ...gone] : [...servers.values()];
    const fits = all.filter((one) => name.test(one.name) && (tag === null || one.tags.includes(tag)));
    return reply(200, { servers: fits });
  }

  function start(body: string): Answer {
    const { server } = JSON.parse(body);
    const id = `server-${++made}`;
    const { name, metadata, tags, user_data: userData } = server;
    const created = new Date(world.now).toISOString();
    servers.set(id, { id, name, status: 'ACTIVE', created, metadata, addresses: {}, userData, tags });
    if (troubles.lostStarts === 0) return reply(202, { server: { id } });
    troubles.lostStarts -= 1;
    return reply(504);
  }

  function nova({ method, body = '' }: Ask, path: string, query: URLSearchParams): Answer {
    asked.push(`${method} ${path}`);
    if (path === '/') return reply(200, { version: { version: '2.90', min_version: '2.1' } });
    if (path === '/servers/detail') return look(query);
    if (path === '/servers' && method === 'POST') return start(body);
    if (path === '/flavors/detail')
      return reply(200, { flavors: [{ id: 'f', name: 'small', vcpus: 1, ram: 512, disk: 1 }] });
    const [, , id = '', rest] = path.split('/');
    const server = servers.get(id);
    if (server === undefined) return reply(404);
    if (method === 'GET') return reply(200, { server });
    if (method === 'PUT') server.name = JSON.parse(body).server.name;
    if (method === 'DELETE') {
      servers.delete(id);
      gone.push({ ...server, status: 'DELETED' });
    }
    if (rest === 'metadata') Object.assign(server.metadata, JSON.parse(body).metadata);
    if (rest === 'action' && body.includes('os-stop')) server.status = 'SHUTOFF';
    if (rest === 'action' && body.includes('Console')) return reply(200, { output: '' });
    return reply(202);
  }

  function store({ method, headers }: Ask, path: string, query: URLSearchParams): Answer {
    if (path === '/bakery' && method === 'GET') {
      const names = [...objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? ''));
      return reply(
        200,
        names.filter((name) => name > (query.get('marker') ?? '')).map((name) => ({ name })),
      );
    }
    if (path === '/bakery' && method === 'PUT') key = headers?.[keyHeader];
    if (path === '/bakery') return key === undefined ? reply(404) : reply(204, '', { [keyHeader]: key });
    const name = decodeURIComponent(path.slice('/bakery/'.length));
    if (method === 'DELETE') return reply(objects.delete(name) ? 204 : 404);
    return objects.has(name) ? reply(200, objects.get(name)) : reply(404);
  }

  const exchange = async (ask: Ask): Promise<Answer> => {
    const { hostname, pathname, searchParams } = new URL(ask.url);
    if (hostname === 'keystone') return reply(201, { token: token() }, { 'x-subject-token': 't' });
    const path = pathname.slice('/v2'.length) || '/';
    if (hostname === 'compute') return nova(ask, path, searchParams);
    if (hostname === 'object-store') return store(ask, path, searchParams);
    const created_at = '2026-01-01T00:00:00Z';
    if (path.startsWith('/images/')) return reply(200, { id: 'image', status: 'active', created_at });
    if (path === '/images') return reply(200, { images: [] });
    return path === '/networks' ? reply(200, { networks: [{ id: 'n', name: 'private' }] }) : reply(404);
  };

  /** What a server does by the address of that name in its user data; undefined when somebody did so before. */
  const tell = (id: string, what: 'began' | 'output' | 'end', told: unknown): boolean => {
    const server = servers.get(id);
    const text = gunzipSync(Buffer.from(server?.userData ?? '', 'base64')).toString('utf8');
    const { write_files } = JSON.parse(text.slice(text.indexOf('\n')));
    const plan = write_files.find((one: { path: string }) => one.path === '/etc/bakery/once.json');
    const { pathname, searchParams } = new URL(JSON.parse(plan.content)[what]);
    if (Number(searchParams.get('temp_url_expires')) * 1_000 < world.now) return false;
    const name = decodeURIComponent(pathname.slice('/v2/bakery/'.length));
    if (what === 'began' && objects.has(name)) return false;
    objects.set(name, JSON.stringify(told));
    return true;
  };
  const begins = (id: string): boolean => tell(id, 'began', { machine: id, own: id });
  const switchOff = (id: string): void => {
    const server = servers.get(id);
    if (server !== undefined) server.status = 'SHUTOFF';
  };
  const ends = (id: string, over: object = {}): void => {
    tell(id, 'end', { is: 'ended', machine: id, result: 'success', status: 0, lines: ['milled'], ...over });
    switchOff(id);
  };

  const provider = () =>
    openStackProvider(
      'openstack',
      {
        ...{ flavor: 'small', network: 'private', address: 'fixed', configDrive: true, container: 'bakery' },
        ...{ port: 8080, boot: 60_000, baking: 60_000, keep: async () => '', now: () => world.now },
      },
      new Session(keystone, { exchange, now: () => world.now }),
    );
  return { world, servers, objects, asked, troubles, provider, begins, tell, ends, switchOff };
}
