import { access, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { HealthCheck } from '../../pipeline/domain/service-file.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import {
  type Call,
  type InstanceReport,
  type LaunchOrder,
  type Marked,
  notYet,
  ProviderError,
  type Reply,
  ready,
} from '../../pipeline/provider.ts';
import { patienceOfLaunch, shortly } from '../../pipeline/shortly.ts';
import { askInstance } from '../ask-health.ts';
import { commandFailure, tookTooLong } from '../command-failure.ts';
import { instanceName } from '../instance-name.ts';
import { Launching } from './launching.ts';
import { boundOutput, lastLines, portWasTaken } from './output.ts';
import { Ports } from './ports.ts';
import { bootId, isAlive } from './process.ts';
import { type InstanceRecord, Records } from './records.ts';
import { exitFile } from './start.ts';
import { carriersById, recordFromCarriers, signalAll, survivorsOf } from './survivors.ts';

const lookAgain: Millis = 150;
const effectTime: Millis = 2_000;
const shownLines = 40;
/** How long a gone instance's name is kept: longer than any late copy of its launch can live. */
const remembered: Millis = 7 * 24 * 60 * 60 * 1000;

/** The next look at something that began `elapsed` ms ago: at most a quarter of its time too late, and at most 1 s. */
const soonAgain = (elapsed: Millis): Millis => Math.min(1_000, 25 + elapsed / 4);

const addressOf = ({ port }: InstanceRecord): string => `http://127.0.0.1:${port}`;

const instanceOf = (record: InstanceRecord): Instance => ({
  provider: 'local',
  id: record.id,
  address: addressOf(record),
  effect: record.mark.effect,
  generation: record.mark.generation,
});

const runs = (record: InstanceRecord): boolean => record.process !== undefined && isAlive(record.process);

/** The processes of one root. */
export class Instances {
  readonly #records: Records;
  readonly #ports: Ports;
  readonly #launching: Launching;
  readonly #now: () => At;

  constructor(root: string, now: () => At) {
    this.#records = new Records(resolve(root));
    this.#ports = new Ports(resolve(root));
    this.#launching = new Launching(this.#records, this.#ports, now);
    this.#now = now;
  }

  /** `files` is the image's folder. */
  async launch(order: LaunchOrder, files: string, call: Call): Promise<Reply<Instance>> {
    if (order.spec.health.by === 'image')
      throw new ProviderError(
        'bad service file',
        'health.by is `image`, and images of the local provider have no HEALTHCHECK. Nothing was started; use http or tcp.',
      );
    const release = await this.#records.lock(instanceName(order.mark));
    if (release === undefined) return notYet(lookAgain, 'another copy of this launch is at work');
    let record: InstanceRecord;
    try {
      record = await this.#launching.begin(order, files, call);
    } finally {
      await release();
    }
    return order.spec.once === true
      ? this.#lookForEnd(record, order.spec.health, call)
      : this.#look(record, order.spec.health, call);
  }

  async #look(record: InstanceRecord, health: HealthCheck, call: Call): Promise<Reply<Instance>> {
    const folder = this.#records.folder(record.id);
    await boundOutput(folder);
    if (!runs(record)) {
      // It ended since launching looked: the next look takes another port, or gives up after the last.
      if (await portWasTaken(folder)) return notYet(lookAgain, 'its port was taken meanwhile');
      const why =
        record.notStarted === undefined ? 'ended by itself' : `could not be started (${record.notStarted})`;
      throw await this.#failed('exited', record, `The instance ${why} before it was healthy.`);
    }
    let because: string | undefined;
    await shortly(
      async () => {
        because = await askInstance(addressOf(record), health, call.signal);
        return because === undefined || !runs(record) ? true : undefined;
      },
      call.signal,
      patienceOfLaunch(this.#now() - record.startedAt),
    );
    if (because === undefined && runs(record)) {
      await writeFile(join(folder, 'healthy'), '');
      return ready(instanceOf(record));
    }
    if (this.#now() - record.startedAt > health.within) {
      const sentence = `The instance was not healthy within ${health.within / 1000} s: ${because}.`;
      throw await this.#failed('unhealthy', record, sentence);
    }
    return notYet(soonAgain(this.#now() - record.startedAt), because);
  }

  /** Ready once it ended well. A boot of the machine in the middle of it is an end without a code. */
  async #lookForEnd(record: InstanceRecord, { within }: HealthCheck, call: Call): Promise<Reply<Instance>> {
    await boundOutput(this.#records.folder(record.id));
    const over = await shortly(async () => (runs(record) ? undefined : true), call.signal);
    const elapsed = this.#now() - record.startedAt;
    if (over !== true && elapsed <= within) return notYet(soonAgain(elapsed), 'it is at work');
    const code = await this.#exitOf(record.id);
    if (code === '0') return ready(instanceOf(record));
    const how =
      over !== true
        ? tookTooLong(within)
        : (record.notStarted ?? `ended with ${code === undefined ? 'no exit code' : `exit code ${code}`}`);
    const lines = await lastLines(this.#records.folder(record.id), shownLines);
    throw commandFailure(over === true ? 'exited' : 'timeout', how, lines);
  }

  #exitOf(id: string): Promise<string | undefined> {
    return readFile(exitFile(this.#records.folder(id)), 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    );
  }

  async #failed(fault: 'exited' | 'unhealthy', record: InstanceRecord, what: string): Promise<ProviderError> {
    const lines = await lastLines(this.#records.folder(record.id), shownLines);
    return new ProviderError(fault, `${what} It got no traffic. Its last lines of output say more.`, {
      lines,
    });
  }

  async inspect(id: string, health: Pick<HealthCheck, 'path' | 'by'>, call: Call): Promise<InstanceReport> {
    const record = await this.#find(id);
    if (record === undefined || record.endedAt !== undefined || record.boot !== bootId()) {
      return { state: 'gone', healthy: false, because: 'it is not there' };
    }
    await boundOutput(this.#records.folder(id));
    if (!runs(record)) return { state: 'exited', healthy: false, because: 'its process has ended' };
    const because = await askInstance(addressOf(record), health, call.signal);
    if (because === undefined) return { state: 'running', healthy: true };
    return { state: (await this.#wasHealthy(id)) ? 'running' : 'starting', healthy: false, because };
  }

  async logs(id: string, lines: number): Promise<string[]> {
    return (await this.#records.read(id)) === undefined ? [] : lastLines(this.#records.folder(id), lines);
  }

  async terminate(id: string, grace: Millis, call: Call): Promise<Reply<void>> {
    if ((await this.#find(id)) === undefined) return ready(undefined);
    const release = await this.#records.lock(id);
    if (release === undefined) return notYet(lookAgain, 'another call is at work on it');
    try {
      const record = await this.#find(id);
      return record === undefined || record.endedAt !== undefined
        ? ready(undefined)
        : await this.#end(record, grace, call);
    } finally {
      await release();
    }
  }

  async list(owner: string): Promise<Marked[]> {
    const found = new Map<string, InstanceRecord>();
    for (const record of await this.#records.all()) {
      if (record.endedAt === undefined) found.set(record.id, record);
      else if (this.#now() - record.endedAt > remembered) await this.#records.forget(record.id);
    }
    for (const [id, carriers] of carriersById(this.#records)) {
      const lost = recordFromCarriers(id, carriers);
      if (lost !== undefined && !found.has(id)) found.set(id, lost);
    }
    return [...found.values()]
      .filter((record) => record.mark.owner === owner)
      .map((record) => ({
        what: 'instance',
        id: record.id,
        mark: record.mark,
        instance: instanceOf(record),
      }));
  }

  /** One look at an instance that is to end; called under its lock. */
  async #end(record: InstanceRecord, grace: Millis, call: Call): Promise<Reply<void>> {
    const survivors = survivorsOf(record.id, record, this.#records);
    const now = this.#now();
    const stopping = record.stopping ?? { at: now, signalled: false };
    if (survivors.length === 0) {
      await this.#records.write({ ...record, stopping, endedAt: now });
      await this.#ports.giveBack(record.port, record.id);
      await this.#records.clear(record.id);
      return ready(undefined);
    }
    call.ensureTime(effectTime);
    if (!stopping.signalled) {
      await this.#records.write({ ...record, stopping });
      signalAll(record.process, survivors, 'SIGTERM');
      const signalled = { ...record, stopping: { ...stopping, signalled: true } };
      await this.#records.write(signalled);
      const over = await shortly(async () => (runs(record) ? undefined : true), call.signal);
      if (over === true) return this.#end(signalled, grace, call);
    } else if (now - stopping.at >= grace) {
      signalAll(record.process, survivors, 'SIGKILL');
    }
    return notYet(soonAgain(now - stopping.at), 'it is finishing its requests');
  }

  async #find(id: string): Promise<InstanceRecord | undefined> {
    const record = await this.#records.read(id);
    if (record !== undefined) return record;
    return recordFromCarriers(id, carriersById(this.#records).get(id) ?? []);
  }

  #wasHealthy(id: string): Promise<boolean> {
    return access(join(this.#records.folder(id), 'healthy')).then(
      () => true,
      () => false,
    );
  }
}
