import type { Digest } from '../../pipeline/domain/time.ts';

/** Where an engine is, and where what runs on it is reached. */
export interface EngineSettings {
  /** `unix:///path`, `tcp://host:port` or `ssh://user@host`. */
  url: string;
  /** The host's address, as workers and balancers reach it. Ports are published there and nowhere else. */
  address: string;
  /** Files in PEM; needed for `tcp:`. */
  tls?: { ca: string; cert: string; key: string } | undefined;
}

export interface RegistrySettings {
  /** `host[:port]/path`: the service's name is added to it. */
  repository: string;
  username?: string | undefined;
  /** Reads the password where it is used. */
  password?: (() => Promise<string>) | undefined;
  /** Speaks HTTP to it; the engines must allow that by themselves. */
  insecure: boolean;
}

/** What one container may use. */
export interface Limits {
  /** Bytes. */
  memory: number;
  cpus: number;
  pids: number;
}

/** All that the provider is given. */
export interface DockerSettings {
  engines: Record<string, EngineSettings>;
  registry?: RegistrySettings;
  /** The network that instances join; made when it is not there. */
  network: string;
  ports: { from: number; to: number };
  limits: Limits;
  /** Keeps a text (a manifest) in the store and gives its digest. */
  keep(text: string): Promise<Digest>;
  now(): number;
}
