import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * What Nova's driver in the control plane tells to run: each server is a container that boots Debian's own systemd and
 * cloud-init, gets its user data by a config drive, and has the address that Neutron gave it. A server from the image
 * `debian-12` begins as the machine of the rig, one from a snapshot as what the snapshot's server left on its disk; one
 * from any other image does not run. Heard on a socket in `folder`, which the control plane sees.
 */
const run = promisify(execFile);
/** What a console keeps, in lines. */
const longest = '2000';
const isUuid = /^[0-9a-f-]{36}$/;

export function hypervisor(url, folder) {
  const docker = async (...args) =>
    (await run('docker', ['-H', url, ...args], { maxBuffer: 2 ** 26 })).stdout;
  /** Whether Docker has it; for what may be gone, or never was there. */
  const has = (...args) =>
    docker(...args).then(
      () => true,
      () => false,
    );
  const container = (id) => `server-${id}`;
  const isThere = (id) => has('container', 'inspect', container(id));
  const drive = (id) => join(folder, 'drives', id);

  async function imageOf({ image, name }) {
    const own = `server-image:${image}`;
    if (await has('image', 'inspect', own)) return own;
    return name === 'debian-12' ? 'bakery-openstack-machine' : undefined;
  }

  /** What Nova writes to a config drive (docs.openstack.org/nova, "Config drives"). */
  function writeDrive(id, { hostname, userData }) {
    const latest = join(drive(id), 'openstack', 'latest');
    mkdirSync(latest, { recursive: true });
    writeFileSync(join(latest, 'meta_data.json'), JSON.stringify({ uuid: id, name: hostname, hostname }));
    if (userData) writeFileSync(join(latest, 'user_data'), Buffer.from(userData, 'base64'));
  }

  async function spawn(id, order) {
    const image = await imageOf(order);
    if (image === undefined) return;
    writeDrive(id, order);
    await docker(
      ...['create', '--name', container(id), '--hostname', order.hostname, '--tty'],
      ...['--network', 'servers', '--ip', order.address],
      ...[
        '--cap-add',
        'SYS_ADMIN',
        '--security-opt',
        'seccomp=unconfined',
        '--security-opt',
        'apparmor=unconfined',
      ],
      ...['--stop-signal', 'SIGRTMIN+3', '--env', 'container=docker'],
      ...[
        '--tmpfs',
        '/run',
        '--tmpfs',
        '/run/lock',
        '--tmpfs',
        '/tmp',
        '--volume',
        '/sys/fs/cgroup:/sys/fs/cgroup:ro',
      ],
      ...['--volume', `${drive(id)}:/var/lib/cloud/seed/config_drive:ro`, image],
    );
    await docker('start', container(id));
  }

  const work = {
    PUT: (id, _path, order) => spawn(id, order),
    async DELETE(id) {
      if (await isThere(id)) await docker('rm', '--force', '--volumes', container(id));
      rmSync(drive(id), { recursive: true, force: true });
    },
    async GET(id, path) {
      if (path === 'console')
        return (await isThere(id)) ? docker('logs', '--tail', longest, container(id)) : '';
      const runs =
        !(await isThere(id)) || (await docker('inspect', '--format', '{{.State.Running}}', container(id)));
      return JSON.stringify({ runs: String(runs).trim() === 'true' });
    },
    async POST(id, path, { timeout, image }) {
      if (!(await isThere(id))) return;
      if (path === 'off') await docker('stop', '--time', String(timeout), container(id));
      if (path === 'on') await docker('start', container(id));
      if (path === 'image') await docker('commit', container(id), `server-image:${image}`);
    },
  };

  const server = createServer(async (request, response) => {
    const [, id = '', path = ''] = (request.url ?? '').split('/');
    const parts = [];
    for await (const part of request) parts.push(part);
    try {
      if (!isUuid.test(id)) throw new Error(`There is no server ${id}.`);
      response.end(await work[request.method](id, path, JSON.parse(Buffer.concat(parts).toString() || '{}')));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.stderr || error));
    }
  });
  return {
    listen: () => new Promise((resolve) => server.listen(join(folder, 'hypervisor.sock'), resolve)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
