"""The connection of the cloud's administrator."""
import openstack


def connect():
    return openstack.connect(
        auth_url='http://127.0.0.1:5000/v3', region_name='RegionOne', interface='internal', username='admin', password='secret',
        project_name='admin', user_domain_name='Default', project_domain_name='Default')
