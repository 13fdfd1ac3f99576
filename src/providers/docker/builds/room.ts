import { join, posix } from 'node:path';
import { childEntry } from '../../../child-entry.ts';
import type { BuildRoom, RoomOrder } from '../../../pipeline/builder.ts';
import type { CommandEnd, CommandOrder, Commands } from '../../../pipeline/commands.ts';
import { type Call, ProviderError } from '../../../pipeline/provider.ts';
import type { Engine } from '../engine.ts';
import { isGone, onEngine, removed, unlessGone } from '../faults.ts';
import { endOf } from '../state.ts';
import type { BuilderSettings } from './builder-settings.ts';
import { account, commandContainer, places, roomEnvironment, type Volumes } from './room-parts.ts';
import type { Run } from './run-wire.ts';
import { folderTar, treeTar } from './tree-tar.ts';
import { unpackFile, unpackFolder } from './unpack.ts';

const followerFile = childEntry(import.meta.url, './run-main.js');

interface Made extends Volumes {
  image: string;
  labels: Record<string, string>;
  call: Call;
}

/** The volumes of one build, and the containers that use them: one that is never started for its files, one for each command. */
export class Room implements BuildRoom {
  folder: string = places.tree;
  readonly env = roomEnvironment;
  readonly #engine: Engine;
  readonly #settings: BuilderSettings;
  readonly #commands: Commands;
  readonly #made: Made;
  #files: string | undefined;

  constructor(engine: Engine, settings: BuilderSettings, commands: Commands, made: Made) {
    this.#engine = engine;
    this.#settings = settings;
    this.#commands = commands;
    this.#made = made;
  }

  /** Brings the checkout in. Its files are of the build's account and of the commit's time. */
  async fill({ tree, folder, commitTime }: RoomOrder): Promise<void> {
    this.folder = posix.join(places.tree, folder);
    const { id } = await this.#engine.docker.createContainer(this.#container(['files'], '/', {}));
    this.#files = id;
    const container = this.#engine.patient.getContainer(id);
    const owner = { uid: account, mtime: new Date(Number(commitTime) * 1_000) };
    const inside = (path: string): string => posix.relative(places.root, path);
    const folders = [inside(places.home), inside(places.tmp)];
    const abortSignal = this.#made.call.signal;
    await container.putArchive(treeTar(tree, inside(places.tree), folders, owner), {
      path: places.root,
      abortSignal,
    });
    const cache = folderTar([posix.relative(places.cacheRoot, places.cache)], owner);
    await container.putArchive(cache, { path: places.cacheRoot, abortSignal });
  }

  /** Faults are the engine's; what the command does is its end. */
  async run(order: CommandOrder): Promise<CommandEnd> {
    return onEngine('run a command of the build', async () => {
      const { docker } = this.#engine;
      const { id } = await docker.createContainer(this.#container(order.argv, order.cwd, order.env));
      try {
        const run: Run = { engine: this.#settings.engine, container: id };
        const argv = [process.execPath, followerFile, JSON.stringify(run)];
        const end = await this.#commands.run({ ...order, argv, cwd: '/', env: {} });
        return await this.#endOf(id, end, order);
      } finally {
        // With the engine away it stays, and its label has it removed later.
        await removed(docker.getContainer(id).remove({ force: true, v: true })).catch(() => undefined);
      }
    });
  }

  async bring(paths: string[], to: string): Promise<void> {
    await onEngine('read what the build made', async () => {
      for (const path of paths) {
        if (path === '.') await this.#bringFolder(to);
        else await this.#bringFile(path, join(to, path));
      }
    });
  }

  async close(): Promise<void> {
    const { docker } = this.#engine;
    await onEngine('remove the build', async () => {
      if (this.#files !== undefined)
        await removed(docker.getContainer(this.#files).remove({ force: true, v: true }));
      await removed(docker.getVolume(this.#made.own).remove());
    });
  }

  /** The follower says only that it ended; how the container did, its engine knows. */
  async #endOf(id: string, end: CommandEnd, order: CommandOrder): Promise<CommandEnd> {
    if (!('exit' in end)) return end;
    const seen = await unlessGone(this.#engine.docker.getContainer(id).inspect());
    if (seen === undefined || seen.State.Running)
      throw new ProviderError(
        seen === undefined ? 'busy' : 'unreachable',
        'The container of the build was lost. No package was made; Bakery tries again.',
        { lines: end.lastLines },
      );
    const { lastLines } = end;
    if (seen.State.Status === 'created' || seen.State.Error !== '')
      return { notStarted: seen.State.Error || lastLines.at(-1) || 'its engine did not start it', lastLines };
    if (!seen.State.OOMKilled) return { exit: seen.State.ExitCode, lastLines };
    const line = `The command ${endOf(seen)}.`;
    order.onLine(line);
    return { exit: seen.State.ExitCode, lastLines: [...lastLines, line] };
  }

  async #bringFolder(to: string): Promise<void> {
    await unpackFolder(await this.#archive(this.folder), to);
  }

  /** A link is followed once, to where the engine says that it leads. */
  async #bringFile(path: string, to: string): Promise<void> {
    try {
      const inside = posix.join(this.folder, path);
      if (await unpackFile(await this.#archive(inside), to)) return;
      const target = await this.#linkTarget(inside);
      if (target !== undefined) await unpackFile(await this.#archive(target), to);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async #linkTarget(path: string): Promise<string | undefined> {
    const answer: { headers?: Record<string, string> } = await this.#holder().infoArchive({ path });
    const told = answer.headers?.['x-docker-container-path-stat'] ?? '';
    const stat: unknown = JSON.parse(Buffer.from(told, 'base64').toString() || '{}');
    if (typeof stat !== 'object' || stat === null || !('linkTarget' in stat)) return undefined;
    const target = String(stat.linkTarget);
    return target.startsWith(`${places.tree}/`) ? target : undefined;
  }

  #archive(path: string): Promise<NodeJS.ReadableStream> {
    return this.#holder().getArchive({ path, abortSignal: this.#made.call.signal });
  }

  #holder() {
    return this.#engine.patient.getContainer(this.#files ?? '');
  }

  #container(argv: string[], cwd: string, env: Record<string, string>) {
    const { image, labels } = this.#made;
    return commandContainer(image, { argv, cwd, env }, this.#made, this.#settings, labels);
  }
}
