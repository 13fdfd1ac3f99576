import { resolve } from 'node:path';
import type { Balancer, SlotTraffic } from '../../pipeline/balancer.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, notYet, ready } from '../../pipeline/provider.ts';
import { ask, NobodyThere } from './control-client.ts';
import type { ControlCalls } from './control-server.ts';
import { pathsIn } from './paths.ts';
import { ensureBalancer, findBalancer, startCommand, stopBalancer } from './process.ts';
import { shiftScript } from './script.ts';

export interface EmbeddedOptions {
  /** The installation's data directory: state, log and control socket lie in its `balancer/`. */
  dataDir: string;
  /** Where front doors listen. */
  host?: string;
  /** Milliseconds between two health checks of a member. */
  checkEvery?: Millis;
  now?: () => number;
}

export interface EmbeddedBalancer extends Balancer {
  /** Starts the balancer's process when none lives. Every call does so by itself. */
  ensure(): Promise<void>;
  /** Ends the process: all front doors close. For the demo's end and for tests. */
  stop(): Promise<void>;
  pid(): Promise<number | undefined>;
}

/** Milliseconds that one call may take. */
const limit = 5000;

/** The balancer that needs nothing else: a process of its own that outlives the bot. */
export function embeddedBalancer(options: EmbeddedOptions): EmbeddedBalancer {
  const { host = '127.0.0.1', checkEvery = 500, now = Date.now } = options;
  const dataDir = resolve(options.dataDir);
  const paths = pathsIn(dataDir);
  let starting: Promise<void> | undefined;

  const ensure = (): Promise<void> => {
    starting ??= ensureBalancer(paths, { dataDir, host, checkEvery }).finally(() => {
      starting = undefined;
    });
    return starting;
  };

  async function tell<Name extends keyof ControlCalls>(
    name: Name,
    input: ControlCalls[Name],
    call: Call,
  ): Promise<SlotTraffic> {
    call.ensureTime(limit);
    const once = async (): Promise<SlotTraffic> =>
      // The other side is this same file's process, typed by ControlCalls.
      (await ask(paths.socket, name, input, limit, call.signal)) as SlotTraffic;
    try {
      return await once();
    } catch (error) {
      if (!(error instanceof NobodyThere)) throw error;
      await ensure();
      return once();
    }
  }

  return {
    name: 'embedded',
    ensure,
    stop: () => stopBalancer(paths),
    pid: () => findBalancer(paths),
    members: (frontend, call) => tell('members', { frontend }, call),
    async attach(frontend, instance, health, epoch, call) {
      await tell('attach', { frontend, instance, path: health.path, epoch }, call);
    },
    shift: (frontend, weights, epoch, call) => tell('shift', { frontend, weights, epoch }, call),
    async drain(frontend, instance, deadline, epoch, call) {
      const { members } = await tell('drain', { frontend, instance, epoch }, call);
      const inFlight = members.find((member) => member.instance === instance)?.inFlight ?? 0;
      if (inFlight === 0 || now() >= deadline) return ready(undefined);
      return notYet(200, `${inFlight} requests in flight`);
    },
    async detach(frontend, instance, epoch, call) {
      await tell('detach', { frontend, instance, epoch }, call);
    },
    frontDoor: async ({ port }) => `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    shiftScript: (order) => shiftScript(paths, startCommand(paths, { dataDir, host, checkEvery }), order),
  };
}
