# What a cloud's image of Debian is: systemd and Debian's own cloud-init; and Node.js, for the services of the tests.
FROM debian:bookworm
RUN printf 'path-exclude=%s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/locale/*' > /etc/dpkg/dpkg.cfg.d/rig
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      systemd-sysv dbus cloud-init ca-certificates nodejs \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
 && printf 'datasource_list: [ConfigDrive, None]\nlocale: false\n' > /etc/cloud/cloud.cfg.d/99-rig.cfg \
 && : > /etc/apt/sources.list && : > /etc/machine-id
# Of no use in a container, and slow.
RUN systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer dpkg-db-backup.timer \
      console-getty.service systemd-logind.service systemd-update-utmp.service
CMD ["/sbin/init"]
