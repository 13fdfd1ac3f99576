"""Octavia without amphorae: changes no network, but gives back the VIP's port, which its interface really made."""
from octavia.network.drivers.neutron import allowed_address_pairs
from octavia.network.drivers.noop_driver import driver


class RigNetwork(driver.NoopNetworkDriver):

    def deallocate_vip(self, vip):
        allowed_address_pairs.AllowedAddressPairsDriver().deallocate_vip(vip)
