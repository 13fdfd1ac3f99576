# Databases, accounts, catalog and seed are made at build, so that a start only starts processes.
FROM bakery-openstack-packages
COPY etc /etc
COPY rig /rig
RUN /rig/bootstrap
EXPOSE 5000 8774 8778 9292 9696 9876
CMD ["/rig/start"]
