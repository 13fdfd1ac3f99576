import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import Dockerode from 'dockerode';
import { ProviderError } from '../../pipeline/provider.ts';
import { isTaken, unlessGone } from './faults.ts';
import type { EngineSettings } from './settings.ts';
import { sshAgent } from './ssh-agent.ts';

/** One Docker engine. */
export class Engine {
  readonly name: string;
  /** For what is answered at once: silence of half a minute ends a call. */
  readonly docker: Dockerode;
  /** For builds, pushes and pulls, which may be silent for long. */
  readonly patient: Dockerode;
  /** Where what is published on it is reached. */
  readonly address: string;
  /** The host address that ports are published on. */
  readonly bind: string;
  readonly #networks = new Map<string, Promise<void>>();

  constructor(name: string, settings: EngineSettings) {
    this.name = name;
    const options = clientOptions(settings);
    this.docker = new Dockerode({ ...options, timeout: 30_000 });
    this.patient = new Dockerode({ ...options, timeout: 30 * 60_000 });
    this.address = isIP(settings.address) === 6 ? `[${settings.address}]` : settings.address;
    this.bind = isIP(settings.address) === 0 ? '0.0.0.0' : settings.address;
  }

  /** Where what is published on a port of its host is reached. */
  addressOf(port: number): string {
    return `http://${this.address}:${port}`;
  }

  /** Makes a bridge network of this name unless it is there. */
  network(name: string): Promise<void> {
    const known = this.#networks.get(name);
    if (known !== undefined) return known;
    const made = this.#makeNetwork(name).catch((error: unknown) => {
      this.#networks.delete(name);
      throw error;
    });
    this.#networks.set(name, made);
    return made;
  }

  /** Somebody removed it: the next call makes it again. */
  forgetNetwork(name: string): void {
    this.#networks.delete(name);
  }

  async #makeNetwork(name: string): Promise<void> {
    if ((await unlessGone(this.docker.getNetwork(name).inspect())) !== undefined) return;
    try {
      await this.docker.createNetwork({ Name: name, Driver: 'bridge', CheckDuplicate: true });
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
}

/** Every option is given, so that no DOCKER_HOST of this process decides. */
function clientOptions({ url, tls }: EngineSettings): Dockerode.DockerOptions {
  if (url.startsWith('unix:')) return { socketPath: url.slice('unix://'.length) };
  const { hostname, port } = new URL(url);
  if (url.startsWith('ssh:')) {
    // The host is only in the Host header: each connection is a process of ssh.
    const options = { host: 'docker', port: 80, protocol: 'http' as const, agent: sshAgent(url) };
    return options;
  }
  if (tls === undefined) throw new Error(`The engine ${url} has no TLS.`);
  const [ca, cert, key] = [tls.ca, tls.cert, tls.key].map((file) => read(file, url));
  return { host: hostname, port: Number(port), protocol: 'https', ca, cert, key };
}

function read(file: string, url: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ProviderError(
      'bad settings',
      `The file ${file} for TLS with the engine ${url} cannot be read. Nothing was started; correct tls of that engine in bot.yaml, or put the file there.`,
      { cause },
    );
  }
}
