import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const lines = (values) => Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
const ini = (sections) =>
  Object.entries(sections)
    .map(([name, values]) => `[${name}]\n${lines(values).join('')}`)
    .join('\n');

/**
 * The control plane's configuration, as files of a folder that becomes the container's /. Every service keeps its
 * state in one MariaDB, talks over one RabbitMQ, and checks tokens with one account. These secrets open nothing
 * outside of the container.
 */
const database = (name) => ({ connection: `mysql+pymysql://os:os@127.0.0.1/${name}` });
const messages = { transport_url: 'rabbit://guest:guest@127.0.0.1:5672/' };
const account = {
  auth_type: 'password',
  auth_url: 'http://127.0.0.1:5000/v3',
  username: 'service',
  password: 'service',
  project_name: 'service',
  user_domain_name: 'Default',
  project_domain_name: 'Default',
  region_name: 'RegionOne',
};
const tokens = {
  ...account,
  www_authenticate_uri: account.auth_url,
  service_token_roles_required: true,
};
/** By its type a service knows which access rules of an application credential are for it. */
const tokensOf = (service_type) => ({ ...tokens, service_type });

const keystone = {
  database: database('keystone'),
  token: { provider: 'fernet' },
  identity: { password_hash_rounds: 4 },
};

const glance = {
  DEFAULT: { bind_host: '0.0.0.0', workers: 1, enabled_backends: 'files:file' },
  database: database('glance'),
  glance_store: { default_backend: 'files' },
  files: { filesystem_store_datadir: '/var/lib/glance/images' },
  paste_deploy: { flavor: 'keystone' },
  keystone_authtoken: tokensOf('image'),
};

const placement = { placement_database: database('placement'), keystone_authtoken: tokens };

const nova = {
  DEFAULT: {
    ...messages,
    host: 'rig-compute',
    my_ip: '127.0.0.1',
    state_path: '/var/lib/nova',
    enabled_apis: 'osapi_compute',
    osapi_compute_listen: '0.0.0.0',
    osapi_compute_workers: 1,
    compute_driver: 'rig.RigDriver',
    vif_plugging_is_fatal: false,
    vif_plugging_timeout: 0,
    // How soon a server is known to have switched itself off: Nova asks its driver.
    sync_power_state_interval: 3,
  },
  api_database: database('nova_api'),
  database: database('nova'),
  conductor: { workers: 1 },
  scheduler: { workers: 1 },
  quota: { instances: -1, cores: -1, ram: -1 },
  vnc: { enabled: false },
  oslo_concurrency: { lock_path: '/var/lock/nova' },
  glance: { api_servers: 'http://127.0.0.1:9292' },
  keystone_authtoken: tokensOf('compute'),
  // What Nova asks of others in a user's name, it asks as itself too: that is not held to the user's rules.
  service_user: { ...account, send_service_user_token: true },
  placement: account,
  neutron: account,
};

const neutron = {
  DEFAULT: {
    ...messages,
    bind_host: '0.0.0.0',
    core_plugin: 'ml2',
    service_plugins: 'router',
    api_workers: 1,
    rpc_workers: 1,
    rpc_state_report_workers: 0,
    notify_nova_on_port_status_changes: false,
    notify_nova_on_port_data_changes: false,
  },
  database: database('neutron'),
  oslo_concurrency: { lock_path: '/var/lock/neutron' },
  keystone_authtoken: tokensOf('network'),
};

const ml2 = {
  ml2: {
    type_drivers: 'vxlan,flat',
    tenant_network_types: 'vxlan',
    mechanism_drivers: 'rig',
    extension_drivers: 'port_security',
  },
  ml2_type_flat: { flat_networks: 'external' },
  ml2_type_vxlan: { vni_ranges: '1:1000' },
};

/** Load balancers are kept in Octavia's database, and no machine is started for them. */
const octavia = {
  DEFAULT: messages,
  api_settings: { enabled_provider_drivers: 'amphora:Amphora', default_provider_driver: 'amphora' },
  database: database('octavia'),
  oslo_messaging: { topic: 'octavia_prov' },
  health_manager: { heartbeat_key: 'rig' },
  certificates: { ca_certificate: '/etc/octavia/ca.pem', ca_private_key: '/etc/octavia/ca.key' },
  controller_worker: {
    workers: 1,
    client_ca: '/etc/octavia/ca.pem',
    amp_boot_network_list: '00000000-0000-0000-0000-000000000001',
    amp_flavor_id: 1,
    amphora_driver: 'amphora_noop_driver',
    compute_driver: 'compute_noop_driver',
    network_driver: 'rig',
    image_driver: 'image_noop_driver',
    volume_driver: 'volume_noop_driver',
  },
  keystone_authtoken: tokensOf('load-balancer'),
  service_auth: account,
};

const paste = (name, settings = {}) => ({ use: `egg:swift#${name}`, ...settings });
const swiftServer = (name, port) =>
  ini({
    DEFAULT: { bind_port: port, workers: 0, user: 'root', devices: '/srv/node', mount_check: 'false' },
    'pipeline:main': { pipeline: `${name}-server` },
    [`app:${name}-server`]: paste(name),
  });
/** One disk, one copy. Addresses that hold for a time are checked by its own middleware. */
const swift = {
  'swift.conf': ini({ 'swift-hash': { swift_hash_path_suffix: 'rig' } }),
  'account-server.conf': swiftServer('account', 6202),
  'container-server.conf': swiftServer('container', 6201),
  'object-server.conf': swiftServer('object', 6200),
  'proxy-server.conf': ini({
    DEFAULT: { bind_port: 8080, workers: 0, user: 'root' },
    'pipeline:main': { pipeline: 'catch_errors tempurl authtoken keystoneauth proxy-server' },
    'app:proxy-server': paste('proxy', { account_autocreate: 'true' }),
    'filter:catch_errors': paste('catch_errors'),
    'filter:tempurl': paste('tempurl'),
    'filter:authtoken': {
      'paste.filter_factory': 'keystonemiddleware.auth_token:filter_factory',
      ...tokensOf('object-store'),
      delay_auth_decision: 'true',
    },
    'filter:keystoneauth': paste('keystoneauth', { operator_roles: 'admin, member' }),
  }),
};

/** Nothing here outlives its container, so nothing waits for a disk. */
const mariadb = {
  mariadbd: {
    'bind-address': '127.0.0.1',
    'skip-name-resolve': 1,
    max_connections: 1000,
    innodb_flush_log_at_trx_commit: 0,
    innodb_doublewrite: 0,
    innodb_use_native_aio: 0,
  },
};

const files = {
  'keystone/keystone.conf': ini(keystone),
  'glance/glance-api.conf': ini(glance),
  'placement/placement.conf': ini(placement),
  'nova/nova.conf': ini(nova),
  'neutron/neutron.conf': ini(neutron),
  'neutron/plugins/ml2/ml2_conf.ini': ini(ml2),
  'octavia/octavia.conf': ini(octavia),
  ...Object.fromEntries(Object.entries(swift).map(([name, text]) => [`swift/${name}`, text])),
  'mysql/mariadb.conf.d/99-rig.cnf': ini(mariadb),
  'rabbitmq/rabbitmq.conf': lines({
    'listeners.tcp.local': '127.0.0.1:5672',
    'disk_free_limit.absolute': '50MB',
  }).join(''),
  'rabbitmq/rabbitmq-env.conf': 'NODENAME=rabbit@localhost\nRABBITMQ_LOGS=-\n',
};

/** Writes the files of /etc below `folder`. `network` is the first half of the servers' addresses, like `10.87`. */
export function writeConfiguration(folder, programs, network) {
  const own = { 'supervisor/rig.conf': ini(programs), 'rig-network': network };
  for (const [name, text] of Object.entries({ ...files, ...own })) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
