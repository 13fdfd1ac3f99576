import { createHash } from 'node:crypto';
import type { ContainerCreateOptions } from 'dockerode';
import { confined } from '../confinement.ts';
import { label } from '../labels.ts';
import type { Limits } from '../settings.ts';

/** The account that commands run as: a number that owns nothing but the checkout, whatever the image says. */
export const account = 10_001;

/** Where things are in a build's containers. */
export const places = {
  root: '/build',
  tree: '/build/checkout',
  home: '/build/home',
  tmp: '/build/tmp',
  cacheRoot: '/cache',
  /** In it, since a volume's own root is root's. */
  cache: '/cache/service',
} as const;

/** HOME, and where the usual tools keep what they have fetched. */
export const roomEnvironment: Record<string, string> = {
  HOME: places.home,
  TMPDIR: places.tmp,
  XDG_CACHE_HOME: places.cache,
  npm_config_cache: `${places.cache}/npm`,
  GOMODCACHE: `${places.cache}/go`,
  CARGO_HOME: `${places.cache}/cargo`,
  GRADLE_USER_HOME: `${places.cache}/gradle`,
  MAVEN_ARGS: `-Dmaven.repo.local=${places.cache}/maven`,
};

export interface RoomSettings {
  network: string;
  limits: Limits;
}

/** The volumes of one build: its own, and the cache that all builds of its service share. */
export interface Volumes {
  own: string;
  cache: string;
}

/** One command's container, as a value. It has no capability, no socket, no folder of the host and nothing of Bakery's environment. */
export const commandContainer = (
  image: string,
  command: { argv: string[]; cwd: string; env: Record<string, string> },
  { own, cache }: Volumes,
  { network, limits }: RoomSettings,
  labels: Record<string, string>,
): ContainerCreateOptions => ({
  Image: image,
  Entrypoint: [''],
  Cmd: command.argv,
  WorkingDir: command.cwd,
  User: `${account}:${account}`,
  Env: Object.entries(command.env).map(([name, value]) => `${name}=${value}`),
  Labels: labels,
  AttachStdout: true,
  AttachStderr: true,
  HostConfig: {
    ...confined(limits),
    Mounts: [
      { Type: 'volume', Source: own, Target: places.root },
      { Type: 'volume', Source: cache, Target: places.cacheRoot },
    ],
    NetworkMode: network,
    // Its output is read as it comes, and kept in Bakery's own log.
    LogConfig: { Type: 'none', Config: {} },
  },
});

/** The cache of a service, by a name that another installation on this engine does not have. */
export const cacheName = ({ owner, service }: { owner: string; service: string }): string =>
  `bakery-cache-${createHash('sha256').update(owner).digest('hex').slice(0, 12)}-${service}`;

/** Labels of a cache: whose it is, and nothing by which the reaper would take it for a leftover. */
export const cacheLabels = ({
  owner,
  service,
}: {
  owner: string;
  service: string;
}): Record<string, string> => ({
  [label.service]: service,
  [label.what]: 'cache',
  [label.cacheOf]: owner,
});
