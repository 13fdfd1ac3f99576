import type { Call } from '../../pipeline/provider.ts';
import { follow } from './build.ts';
import type { Engine } from './engine.ts';
import { isGone } from './faults.ts';
import { deleteManifest } from './registry-client.ts';
import type { RegistrySettings } from './settings.ts';

/** A registry, as the engines reach it: they push, pull and look; only removing is asked of it directly. */
export class Registry {
  readonly #settings: RegistrySettings;

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /** Pushes a tag and gives its digest. */
  async push(engine: Engine, name: string, call: Call): Promise<string> {
    const authconfig = await this.#auth();
    const output = await engine.patient.getImage(name).push({ ...authconfig, abortSignal: call.signal });
    let digest: string | undefined;
    await follow(output, (message) => {
      digest = message.aux?.Digest ?? digest;
    });
    if (digest === undefined) throw new Error(`The engine pushed ${name} and did not tell its digest.`);
    return digest;
  }

  /** Pulls by tag or digest. False when the registry has no such image. */
  async pull(engine: Engine, name: string, call: Call): Promise<boolean> {
    if (!(await this.has(engine, name, call))) return false;
    const output: NodeJS.ReadableStream = await engine.patient.pull(name, {
      ...(await this.#auth()),
      abortSignal: call.signal,
    });
    call.log(`pulling ${name} to ${engine.name}`);
    await follow(output, () => {});
    return true;
  }

  async has(engine: Engine, name: string, call: Call): Promise<boolean> {
    try {
      await engine.docker.getImage(name).distribution({ ...(await this.#auth()), abortSignal: call.signal });
      return true;
    } catch (error) {
      if (isGone(error) || isUnknownManifest(error)) return false;
      throw error;
    }
  }

  /** Removes what an id names from the registry; one that does not allow it keeps the image, and the log says so. */
  async remove(id: string, call: Call): Promise<void> {
    if (!id.includes('@')) return;
    const outcome = await deleteManifest(this.#settings, id, call.signal);
    if (outcome === 'not allowed') call.log(`the registry keeps ${id}: it does not allow removing`);
  }

  /** For a build whose Dockerfile begins with an image of it. */
  async forBuild(): Promise<Record<string, { username: string; password: string }>> {
    const { authconfig } = await this.#auth();
    const { username, password, serveraddress } = authconfig;
    return username === '' ? {} : { [serveraddress]: { username, password } };
  }

  /** Engines refuse to push without any; an open registry ignores it. */
  async #auth(): Promise<{ authconfig: { username: string; password: string; serveraddress: string } }> {
    const { username = '', password, repository } = this.#settings;
    const serveraddress = repository.split('/')[0] ?? '';
    return { authconfig: { username, password: (await password?.()) ?? '', serveraddress } };
  }
}

/** Engines answer a missing manifest with the registry's own words, and some of them with the status 500. */
const isUnknownManifest = (error: unknown): boolean =>
  error instanceof Error && /manifest unknown|name unknown|not found/i.test(error.message);
