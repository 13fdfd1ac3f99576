import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { childEntry } from '../../child-entry.ts';
import { type LedgerFile, openLedgerFile } from '../../ledger/database.ts';
import { FaultyCloud } from '../cloud/faulty-cloud.ts';
import { Troubles } from '../cloud/troubles.ts';
import type { Scene } from '../scene.ts';
import { Cable } from './cable.ts';
import { type Ask, asking } from './channel.ts';
import { serveCloud } from './cloud-server.ts';
import { haste, type PartSetting } from './setting.ts';

interface Part {
  setting: PartSetting;
  entry: string;
  cable: Cable | undefined;
  child: ChildProcess;
  ask: Ask;
  /** Called when its successor is ready. */
  back?: () => void;
}

/** Where an installation is, and for how many services. */
export interface Place {
  /** The queue's URL, or `embedded`. */
  queue: string;
  /** A database that the embedded queue begins with a copy of. */
  prepared?: string | undefined;
  services: number;
  /** What its processes are at first, when not of this version. */
  entry?: string;
}

/** The bundle of ./part.ts that the build makes. */
export const thisVersion = childEntry(import.meta.url, '../part.js');
/** How soon a supervisor has a killed process back. */
const backAfter = 150;

/**
 * A bot and two workers (with the embedded queue: all in one) as processes of their own, around a cloud that lives here.
 * Whoever is killed comes back, as under a supervisor.
 */
export class Installation {
  readonly cloud: FaultyCloud;
  readonly troubles = new Troubles();
  readonly bugs: string[] = [];
  told: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'bakery-selftest-'));
  readonly #queue: string;
  readonly #prepared: string | undefined;
  readonly #entry: string;
  readonly #prefix = `selftest-${randomBytes(5).toString('hex')}`;
  readonly #parts = new Map<string, Part>();
  readonly scene: Scene;
  readonly #services: number;
  #server: { url: string; close(): void } | undefined;
  #file: LedgerFile | undefined;
  #closing = false;
  #lost = 0;
  #beganAt = Date.now();

  private constructor({ queue, prepared, services, entry = thisVersion }: Place, scene: Scene) {
    this.#queue = queue;
    this.#prepared = prepared;
    this.#entry = entry;
    this.scene = scene;
    this.#services = services;
    this.cloud = new FaultyCloud({
      tokens: scene.tokens,
      bakeTime: 1_500 / haste,
      startTime: 900 / haste,
      endTime: 400 / haste,
      checkTime: 700 / haste,
      flightTime: 300 / haste,
    });
  }

  static async start(place: Place, scene: Scene): Promise<Installation> {
    const made = new Installation(place, scene);
    made.#server = await serveCloud(made.cloud, made.troubles, {
      kill: (name) => made.kill(name),
      freeze: (name, ms) => made.freeze(name, ms),
      tell: (line) => made.tell(line),
    });
    const names = made.embedded ? ['bot'] : ['bot', 'worker 1', 'worker 2'];
    await Promise.all(names.map((name) => made.#open(name)));
    return made;
  }

  get embedded(): boolean {
    return this.#queue === 'embedded';
  }

  get workers(): string[] {
    return this.embedded ? ['bot'] : ['worker 1', 'worker 2'];
  }

  tell(line: string): void {
    this.told.push(`${((Date.now() - this.#beganAt) / 1000).toFixed(3).padStart(8)} s  ${line}`);
  }

  /** Times are told from here on. */
  beginTelling(): void {
    this.#beganAt = Date.now();
    this.told = [];
  }

  /** The ledger, read from outside while the bot writes it. */
  get ledger(): LedgerFile {
    this.#file ??= openLedgerFile(join(this.#folder, 'data'));
    return this.#file;
  }

  /** Asks the bot; undefined when it does not answer: it is killed or frozen. */
  askBot: Ask = async (what, given, within) => this.#parts.get('bot')?.ask(what, given, within);

  /** A process is killed and comes back as another version. */
  async update(name: string, entry = thisVersion): Promise<void> {
    const part = this.#parts.get(name);
    if (part === undefined) return;
    part.entry = entry;
    const back = new Promise<void>((resolve) => {
      part.back = resolve;
    });
    this.kill(name);
    await back;
  }

  kill(name: string): void {
    this.tell(`${name} is killed`);
    this.#parts.get(name)?.child.kill('SIGKILL');
  }

  freeze(name: string, ms: number): void {
    this.tell(`${name} is stopped for ${ms} ms`);
    const child = this.#parts.get(name)?.child;
    child?.kill('SIGSTOP');
    setTimeout(() => child?.kill('SIGCONT'), ms).unref();
  }

  /** Breaks every connection of one process with the queue. */
  cut(name: string, ms: number): void {
    this.tell(`${name} is cut from the queue for ${ms} ms`);
    const cable = this.#parts.get(name)?.cable;
    cable?.cut();
    setTimeout(() => cable?.mend(), ms).unref();
  }

  /** With the embedded queue, its files are gone and the process with them. */
  async loseQueue(empty: (url: string, prefix: string) => Promise<void>): Promise<void> {
    this.tell('the queue is emptied');
    if (!this.embedded) {
      // On a machine that is busy enough the server may need longer than a call may take.
      for (let again = 10; ; again -= 1) {
        try {
          return await empty(this.#queue, this.#prefix);
        } catch (error) {
          if (again === 0) throw error;
          await pause(1_000);
        }
      }
    }
    const bot = this.#parts.get('bot')?.child;
    this.kill('bot');
    if (bot?.exitCode === null && bot.signalCode === null)
      await new Promise((resolve) => bot.once('exit', resolve));
    // A thousand files: they are out of the way at once, and removed without keeping the cloud from answering.
    const gone = join(this.#folder, `queue-${++this.#lost}`);
    await rename(join(this.#folder, 'queue'), gone).catch(() => undefined);
    void rm(gone, { recursive: true, force: true }).catch(() => undefined);
  }

  /** All that was wrong is right again. */
  heal(): void {
    this.tell('--- everything is right again ---');
    this.troubles.clear();
    this.cloud.heal(Date.now());
    for (const { child, cable } of this.#parts.values()) {
      cable?.mend();
      child.kill('SIGCONT');
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    const gone = [...this.#parts.values()].map(({ child, cable }) => {
      cable?.close();
      child.kill('SIGKILL');
      return child.exitCode !== null || child.signalCode !== null
        ? undefined
        : new Promise((resolve) => child.once('exit', resolve));
    });
    await Promise.all(gone);
    this.#server?.close();
    this.#file?.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #open(name: string): Promise<void> {
    const cable = this.embedded ? undefined : await this.#cable();
    mkdirSync(join(this.#folder, 'store'), { recursive: true });
    const setting: PartSetting = {
      name,
      queue: cable === undefined ? `embedded:${join(this.#folder, 'queue')}` : cable.by(this.#queue),
      prefix: this.#prefix,
      prepared: this.#prepared,
      folder: this.#folder,
      cloud: this.#server?.url ?? '',
      scene: this.scene,
      services: this.#services,
      bot: name === 'bot',
      worker: this.embedded || name !== 'bot',
    };
    await this.#spawn(setting, cable, this.#entry);
  }

  async #cable(): Promise<Cable> {
    const { hostname, port, protocol } = new URL(this.#queue);
    return Cable.to(hostname, Number(port || (protocol.startsWith('redis') ? 6379 : 5432)));
  }

  #spawn(setting: PartSetting, cable: Cable | undefined, entry: string): Promise<void> {
    const child = spawn(process.execPath, ['--max-semi-space-size=1', entry, JSON.stringify(setting)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr?.on('data', (data) => {
      errors = `${errors}${data}`.slice(-2_000);
    });
    child.on('error', () => undefined);
    const part: Part = { setting, entry, cable, child, ask: asking(child, 3_000) };
    this.#parts.set(setting.name, part);
    return new Promise((resolve) => {
      child.on('message', (message) => {
        if (message === 'ready') resolve();
        else if (typeof message === 'object' && message !== null && 'bug' in message)
          this.bugs.push(`${message.bug}`);
      });
      child.once('exit', (code) => {
        resolve();
        if (this.#closing) return;
        if (code !== null) this.bugs.push(`${setting.name} ended by itself with ${code}: ${errors}`);
        setTimeout(() => {
          if (!this.#closing && existsSync(this.#folder))
            void this.#spawn(setting, cable, part.entry).then(part.back);
        }, backAfter);
      });
    });
  }
}
