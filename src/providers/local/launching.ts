import type { At, Millis } from '../../pipeline/domain/time.ts';
import { type Call, type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';
import { instanceName } from '../instance-name.ts';
import { portWasTaken } from './output.ts';
import type { Ports } from './ports.ts';
import { bootId, isAlive } from './process.ts';
import type { InstanceRecord, Records } from './records.ts';
import { startProcess } from './start.ts';
import { carriersById, recordFromCarriers } from './survivors.ts';

const effectTime: Millis = 2_000;
const mostTries = 5;

/** Starts what a mark names, or finds it. All of it happens under the instance's lock. */
export class Launching {
  readonly #records: Records;
  readonly #ports: Ports;
  readonly #now: () => At;

  constructor(records: Records, ports: Ports, now: () => At) {
    this.#records = records;
    this.#ports = ports;
    this.#now = now;
  }

  /** The record of the one process of this mark: found, adopted or started just now. */
  async begin(order: LaunchOrder, files: string, call: Call): Promise<InstanceRecord> {
    const known = await this.#records.read(instanceName(order.mark));
    if (known?.stopping !== undefined) {
      throw new ProviderError(
        'unexpected state',
        'This instance was told to end, so it is not started again. Nothing was changed; retry makes a new one.',
      );
    }
    const found = await this.#adopt(order, known);
    if (found === undefined) return this.#start(order, files, call, undefined);
    if (order.spec.once === true && (found.process ?? found.notStarted) !== undefined) return found;
    if (found.boot !== bootId()) return this.#start(order, files, call, undefined, found.port);
    if (found.process === undefined && found.notStarted === undefined)
      return this.#start(order, files, call, found);
    return (await this.#lostItsPort(found)) ? this.#start(order, files, call, found) : found;
  }

  /** A worker killed between start and record leaves a process that only its own environment names. */
  async #adopt(order: LaunchOrder, known: InstanceRecord | undefined): Promise<InstanceRecord | undefined> {
    if (known !== undefined && (known.process !== undefined || known.boot !== bootId())) return known;
    const id = instanceName(order.mark);
    const carriers = carriersById(this.#records).get(id) ?? [];
    const lost = recordFromCarriers(id, carriers);
    if (lost === undefined) return known;
    const adopted = {
      ...(known ?? { ...lost, image: order.image.id, startedAt: this.#now() }),
      process: lost.process,
    };
    await this.#records.write(adopted);
    return adopted;
  }

  async #lostItsPort(record: InstanceRecord): Promise<boolean> {
    if (record.process === undefined || isAlive(record.process)) return false;
    if (!(await portWasTaken(this.#records.folder(record.id)))) return false;
    if (record.tries < mostTries) return true;
    throw new ProviderError(
      'port in use',
      `Each of ${mostTries} ports was taken by something else when the instance wanted it. It got no traffic; look what listens on 127.0.0.1.`,
    );
  }

  async #start(
    order: LaunchOrder,
    files: string,
    call: Call,
    before: InstanceRecord | undefined,
    usedPort = before?.port,
  ): Promise<InstanceRecord> {
    call.ensureTime(effectTime);
    call.signal.throwIfAborted();
    const id = instanceName(order.mark);
    if (usedPort !== undefined) await this.#ports.giveBack(usedPort, id);
    const intent: InstanceRecord = {
      id,
      mark: order.mark,
      image: order.image.id,
      boot: bootId(),
      port: await this.#ports.take(id),
      tries: (before?.tries ?? 0) + 1,
      startedAt: this.#now(),
    };
    await this.#records.write(intent);
    const started = await startProcess(order, intent, this.#records.folder(id), files);
    const record: InstanceRecord =
      'pid' in started ? { ...intent, process: started } : { ...intent, notStarted: started.notStarted };
    await this.#records.write(record);
    return record;
  }
}
