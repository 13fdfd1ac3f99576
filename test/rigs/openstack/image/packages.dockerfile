# OpenStack Zed from Debian 12's packages: the layer that needs the network, and nothing else of the rig does.
FROM debian:bookworm

# No service starts at install; no docs.
RUN printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
 && printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' > /etc/dpkg/dpkg.cfg.d/rig

# The package nova-compute pulls libvirt and qemu (600 MB) and is left out: python3-nova holds its code.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      mariadb-server rabbitmq-server supervisor curl ca-certificates openssl \
      keystone glance-api placement-api \
      nova-api nova-scheduler nova-conductor \
      neutron-server octavia-api octavia-worker \
      swift-proxy swift-account swift-container swift-object \
      python3-openstackclient python3-octaviaclient \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/lib/mysql
