"""What a cloud's operator prepares: catalog, accounts, networks, flavors and one image."""
from cloud import connect

NETWORK = open('/etc/rig-network').read()
SERVICES = {
    'image': ':9292',
    'placement': ':8778',
    'compute': ':8774/v2.1',
    'network': ':9696',
    'load-balancer': ':9876',
    'object-store': ':8080/v1/AUTH_$(project_id)s',
}
# Where the host and the servers reach the container; inside of it, itself.
HOSTS = {'public': f'{NETWORK}.255.1', 'internal': '127.0.0.1', 'admin': '127.0.0.1'}
ACCOUNTS = (
    ('service', 'service', 'service', ('admin', 'service')),
    ('demo', 'demo', 'secret', ('member', 'load-balancer_member')),
)


def catalog(identity):
    for kind, path in SERVICES.items():
        service = identity.create_service(name=kind, type=kind)
        for interface, host in HOSTS.items():
            identity.create_endpoint(
                service_id=service.id, interface=interface, url=f'http://{host}{path}', region_id='RegionOne')


def accounts(identity):
    roles = {role.name: role for role in identity.roles()}
    for project_name, user_name, password, names in ACCOUNTS:
        project = identity.create_project(name=project_name, domain_id='default')
        user = identity.create_user(name=user_name, password=password, domain_id='default')
        for name in names:
            if name not in roles:
                roles[name] = identity.create_role(name=name)
            identity.assign_project_role_to_user(project, user, roles[name])


def networks(network):
    public = network.create_network(
        name='public', is_router_external=True, provider_network_type='flat',
        provider_physical_network='external')
    network.create_subnet(
        name='public', network_id=public.id, ip_version=4, cidr='203.0.113.0/24', enable_dhcp=False)
    private = network.create_network(name='private', is_shared=True)
    subnet = network.create_subnet(
        name='private', network_id=private.id, ip_version=4, cidr=f'{NETWORK}.0.0/16',
        allocation_pools=[{'start': f'{NETWORK}.1.0', 'end': f'{NETWORK}.254.255'}])
    router = network.create_router(name='router', external_gateway_info={'network_id': public.id})
    network.add_interface_to_router(router, subnet_id=subnet.id)


before = connect().identity
catalog(before)
accounts(before)
cloud = connect()  # whose token knows the catalog
networks(cloud.network)
for name in ('dummy', 'debian-12'):  # the second one runs: see the hypervisor
    cloud.create_image(
        name, data=b'\0' * 65536, disk_format='raw', container_format='bare', visibility='public',
        wait=True, use_import=False)
cloud.compute.create_flavor(id='1', name='m1.tiny', vcpus=1, ram=512, disk=1)
cloud.compute.create_flavor(id='2', name='m1.small', vcpus=1, ram=2048, disk=20)
cloud.compute.create_flavor(id='3', name='m1.huge', vcpus=1, ram=1 << 24, disk=1)  # no host has that
