/**
 * What runs in the container, as sections of supervisord's configuration. OpenStack's services have no state but in
 * the database: they are killed. Each waits for the ports that it needs before it begins.
 */
const logged = { redirect_stderr: true, stdout_logfile: '/var/log/rig/%(program_name)s.log' };
const store = (command, more = {}) => ({ command, priority: 1, ...more, ...logged });
const service = (needs, command, more = {}) => ({
  command: `/rig/once-open ${needs.join(' ')} -- ${command}`,
  stopsignal: 'KILL',
  stopasgroup: true,
  ...more,
  ...logged,
});

const [sql, queue, identity, placement] = [3306, 5672, 5000, 8778];
const socket = '/run/supervisor.sock';
const ml2 = '--config-file /etc/neutron/plugins/ml2/ml2_conf.ini';
const real = 'OS_CONTROLLER_WORKER__NETWORK_DRIVER="allowed_address_pairs_driver"';

const openstack = {
  keystone: service([sql], '/rig/serve 5000 /usr/bin/keystone-wsgi-public'),
  placement: service([sql], '/rig/serve 8778 /usr/bin/placement-api'),
  glance: service([sql], '/usr/bin/glance-api --config-file /etc/glance/glance-api.conf'),
  'nova-conductor': service([sql, queue], '/usr/bin/nova-conductor'),
  'nova-scheduler': service([sql, queue], '/usr/bin/nova-scheduler'),
  'nova-api': service([sql, queue], '/usr/bin/nova-api'),
  // Debian's package of it pulls a hypervisor; its code is in python3-nova.
  'nova-compute': service(
    [queue, identity, placement],
    '/usr/bin/python3 -c "from nova.cmd.compute import main; main()"',
  ),
  neutron: service([sql, queue], `/usr/bin/neutron-server --config-file /etc/neutron/neutron.conf ${ml2}`),
  // The interface checks subnets and makes VIPs as Neutron's ports; the worker changes no network.
  'octavia-api': service([sql, queue], '/rig/serve 9876 /usr/bin/octavia-wsgi', { environment: real }),
  ...Object.fromEntries(
    ['account', 'container', 'object', 'proxy'].map((name) => [
      `swift-${name}`,
      service(
        name === 'proxy' ? [identity] : [],
        `/usr/bin/swift-${name}-server /etc/swift/${name}-server.conf`,
      ),
    ]),
  ),
  'octavia-worker': service([sql, queue], '/usr/bin/octavia-worker --config-file /etc/octavia/octavia.conf'),
};

export const programs = {
  supervisord: {
    nodaemon: true,
    user: 'root',
    logfile: '/dev/null',
    logfile_maxbytes: 0,
    pidfile: '/run/supervisord.pid',
    environment: 'PYTHONPATH="/rig/drivers",LC_ALL="C.UTF-8",HOME="/root"',
  },
  unix_http_server: { file: socket },
  supervisorctl: { serverurl: `unix://${socket}` },
  'rpcinterface:supervisor': {
    'supervisor.rpcinterface_factory': 'supervisor.rpcinterface:make_main_rpcinterface',
  },
  'program:mariadb': store('/usr/sbin/mariadbd --user=mysql'),
  'program:rabbitmq': store('/usr/lib/rabbitmq/bin/rabbitmq-server', {
    user: 'rabbitmq',
    environment: 'HOME="/var/lib/rabbitmq"',
    stopasgroup: true,
  }),
  'group:openstack': { programs: Object.keys(openstack).join(',') },
  ...Object.fromEntries(Object.entries(openstack).map(([name, values]) => [`program:${name}`, values])),
};
