import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { readJson, writeJson } from './atomic-file.ts';
import { type Release, takeLock } from './lock.ts';
import type { ProcessName } from './process.ts';

/** What is known of one instance. Written before the process is started, and changed only under its lock. */
export interface InstanceRecord {
  id: string;
  mark: Mark;
  image: string;
  boot: string;
  port: number;
  /** Starts so far: another port is tried when one was taken. */
  tries: number;
  startedAt: At;
  /** Unknown between the intent and the start, also when the worker was killed there. */
  process?: ProcessName;
  /** Why the program could not be started at all. */
  notStarted?: string;
  /** Its end was asked for: it is never started again. */
  stopping?: { at: At; signalled: boolean };
  /** It is gone. Kept for a while, so that a late copy of its launch does not bring it back. */
  endedAt?: At;
}

const idPattern = /^[a-z0-9][a-z0-9-]{0,99}$/;

/** The records of one root: `instances/<id>/{record.json,lock,log,tmp,healthy}`. */
export class Records {
  readonly #root: string;

  constructor(root: string) {
    this.#root = join(root, 'instances');
  }

  folder(id: string): string {
    return join(this.#root, id);
  }

  async read(id: string): Promise<InstanceRecord | undefined> {
    return idPattern.test(id) ? readJson<InstanceRecord>(join(this.folder(id), 'record.json')) : undefined;
  }

  async write(record: InstanceRecord): Promise<void> {
    await writeJson(join(this.folder(record.id), 'record.json'), record);
  }

  /** Undefined while another copy holds it. */
  lock(id: string): Promise<Release | undefined> {
    return takeLock(join(this.folder(id), 'lock'));
  }

  async all(): Promise<InstanceRecord[]> {
    await mkdir(this.#root, { recursive: true });
    const records = await Promise.all((await readdir(this.#root)).sort().map((id) => this.read(id)));
    return records.filter((record) => record !== undefined);
  }

  /** Removes all that a gone instance leaves but its record. */
  async clear(id: string): Promise<void> {
    for (const name of ['tmp', 'secrets', 'log', 'log.1', 'healthy', 'exit']) {
      await rm(join(this.folder(id), name), { recursive: true, force: true });
    }
  }

  async forget(id: string): Promise<void> {
    await rm(this.folder(id), { recursive: true, force: true });
  }
}
