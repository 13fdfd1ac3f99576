import type { ContainerCreateOptions } from 'dockerode';
import type { Writable } from '../../pipeline/domain/service-file.ts';
import type { At } from '../../pipeline/domain/time.ts';
import type { LaunchOrder } from '../../pipeline/provider.ts';
import { instanceName } from '../instance-name.ts';
import { confined } from './confinement.ts';
import { label, labelsOf } from './labels.ts';
import type { Limits } from './settings.ts';

/** The port that a service listens on inside its container; told to it as PORT. */
export const inside = 8080;
const exposed = `${inside}/tcp`;
/** Where secrets are that come as files. */
export const secretsFolder = '/run/secrets';

export interface Placement {
  /** The engine's own address and the port there. */
  bind: string;
  port: number;
  network: string;
  limits: Limits;
  now: At;
}

/** `NAME_FILE` of each secret that comes as a file. */
export const fileVariables = (names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}_FILE`, `${secretsFolder}/${name}`]));

const memoryOptions = (bytes: number): string => `rw,noexec,nosuid,nodev,size=${bytes},mode=1777`;

/** Places in memory, with their options: /tmp, and those that the service declares. */
export const memoryPlaces = (writable: Writable[] = []): Record<string, string> => ({
  '/tmp': memoryOptions(64 * 1024 ** 2),
  ...Object.fromEntries(
    writable.flatMap(({ path, memory }) => (memory === undefined ? [] : [[path, memoryOptions(memory)]])),
  ),
});

/** Places on disk: volumes without a name, which go with their container. */
export const diskPlaces = (writable: Writable[] = []): string[] =>
  writable.filter(({ memory }) => memory === undefined).map(({ path }) => path);

function mountsOf(writable: Writable[] | undefined, hasSecrets: boolean) {
  const targets = [...diskPlaces(writable), ...(hasSecrets ? [secretsFolder] : [])];
  if (targets.length === 0) return {};
  return { Mounts: targets.map((Target) => ({ Type: 'volume' as const, Source: '', Target })) };
}

/**
 * The container of an instance, as a value. It can write to memory at /tmp and to the places that its service declares,
 * and nowhere else; its output is kept to 30 MB. It is not restarted until it was healthy once (see `keepRunning`).
 */
export const containerOf = (
  { image, spec, environment, files = {}, mark }: LaunchOrder,
  { bind, port, network, limits, now }: Placement,
): ContainerCreateOptions & { name: string } => ({
  name: instanceName(mark),
  Image: image.id,
  // An empty entrypoint takes the base's away, so that `start` is what runs, word for word.
  ...(spec.start.length === 0 ? {} : { Entrypoint: [''], Cmd: spec.start }),
  Env: Object.entries({
    ...environment,
    ...fileVariables(Object.keys(files)),
    PORT: String(inside),
    HOST: '0.0.0.0',
  }).map(([name, value]) => `${name}=${value}`),
  Labels: {
    ...labelsOf(mark, 'instance'),
    [label.port]: String(port),
    [label.launched]: String(now),
  },
  ExposedPorts: { [exposed]: {} },
  HostConfig: {
    ...confined(limits),
    PortBindings: { [exposed]: [{ HostIp: bind, HostPort: String(port) }] },
    NetworkMode: network,
    ReadonlyRootfs: true,
    Tmpfs: memoryPlaces(spec.writable),
    ...mountsOf(spec.writable, Object.keys(files).length > 0),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  },
});

/** From its first healthy look on, the engine starts it again by itself, also after a reboot. */
export const keepRunning = { RestartPolicy: { Name: 'unless-stopped' } } as const;
