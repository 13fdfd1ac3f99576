# syntax=docker/dockerfile:1
# Bakery without its Slack simulator and its demo. Both stages come from one base: native modules are built for it.
ARG BASE=node:20-bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npx tsc -p tsconfig.build.json \
 && rm -rf dist/slack-simulator dist/demo dist/.tsbuildinfo \
 && npm prune --omit=dev --no-audit --no-fund

FROM ${BASE}
# git and ssh read the services' repositories; builds bring their own tools in an image of your own.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 bakery \
 && useradd --uid 10001 --gid bakery --create-home --shell /usr/sbin/nologin bakery \
 && install -d -o bakery -g bakery -m 0700 /var/lib/bakery /var/lib/bakery/data /var/lib/bakery/store /var/lib/bakery/haproxy
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY migrations ./migrations
ENV NODE_ENV=production
USER bakery
EXPOSE 3000 8080
# Asks the port that compose.yaml gives to bot and workers alike.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Bakery itself is the first process and ends in order on SIGTERM: no shell in between, give it time to stop.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli.js", "--config", "/etc/bakery"]
CMD ["start"]
