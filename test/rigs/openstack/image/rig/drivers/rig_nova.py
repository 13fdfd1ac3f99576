"""Nova's fake driver, whose servers really run: a hypervisor beside the container starts them."""
import http.client
import io
import json
import socket
import time

from nova import context as contexts
from nova.compute import power_state, vm_states
from nova.image import glance
from nova.network import neutron
from nova.objects import InstanceList
from nova.virt import fake, hardware

KEPT = (vm_states.ACTIVE, vm_states.STOPPED)


class Hypervisor(http.client.HTTPConnection):

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect('/rig/host/hypervisor.sock')


def ask(method, instance, path='', body=None):
    connection = Hypervisor('hypervisor', timeout=300)
    connection.request(method, f'/{instance.uuid}{path}', json.dumps(body or {}))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f'The hypervisor could not do it: {text.decode()}')
    return text


def addresses_of(context, instance, network_info):
    """What is kept of a server's network may be a look behind when its port was there before it: Neutron is asked."""
    for _ in range(20):
        found = [ip['address'] for vif in network_info or () for ip in vif.fixed_ips()]
        if found:
            return found
        time.sleep(0.5)
        network_info = neutron.API().get_instance_nw_info(context, instance, force_refresh=True)
    return []


class RigDriver(fake.FakeDriver):

    def init_host(self, host):
        super().init_host(host)
        admin = contexts.get_admin_context()
        for server in InstanceList.get_by_host(admin, host, expected_attrs=['flavor']):
            if server.vm_state not in KEPT:
                continue
            flavor = server.flavor
            self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
            self.instances[server.uuid] = fake.FakeInstance(server.name, server.power_state, server.uuid)

    def spawn(self, context, instance, image_meta, injected_files, admin_password, allocations,
              network_info=None, block_device_info=None, power_on=True, accel_info=None):
        super().spawn(context, instance, image_meta, injected_files, admin_password, allocations,
                      network_info, block_device_info, power_on, accel_info)
        addresses = addresses_of(context, instance, network_info)
        ask('PUT', instance, body={
            'image': image_meta.id, 'name': image_meta.name, 'hostname': instance.hostname,
            'address': addresses[0] if addresses else None, 'userData': instance.user_data})

    def destroy(self, context, instance, network_info, block_device_info=None, destroy_disks=True,
                destroy_secrets=True):
        ask('DELETE', instance)
        super().destroy(context, instance, network_info, block_device_info, destroy_disks)

    def power_off(self, instance, timeout=0, retry_interval=0):
        ask('POST', instance, '/off', {'timeout': timeout})
        super().power_off(instance, timeout, retry_interval)

    def power_on(self, context, instance, network_info, block_device_info=None, accel_info=None):
        ask('POST', instance, '/on')
        super().power_on(context, instance, network_info, block_device_info, accel_info)

    def get_info(self, instance, use_cache=True):
        known = super().get_info(instance, use_cache)
        runs = json.loads(ask('GET', instance))['runs']
        return known if runs else hardware.InstanceInfo(state=power_state.SHUTDOWN)

    def get_console_output(self, context, instance):
        return ask('GET', instance, '/console')

    def snapshot(self, context, instance, image_id, update_task_state):
        """The fake driver stops before it uploads anything: the image would stay queued for ever."""
        super().snapshot(context, instance, image_id, update_task_state)
        ask('POST', instance, '/image', {'image': image_id})
        images = glance.API()
        known = images.get(context, image_id)
        changed = {'name': known['name'], 'disk_format': 'raw', 'container_format': 'bare', 'properties': {}}
        images.update(context, image_id, changed, io.BytesIO(b'\0' * 65536), purge_props=False)
