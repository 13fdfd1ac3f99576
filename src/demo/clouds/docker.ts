import { createHash } from 'node:crypto';
import { Engine } from '../../providers/docker/engine.ts';
import { unlessGone } from '../../providers/docker/faults.ts';
import { dockerProvider } from '../../providers/docker/index.ts';
import { label } from '../../providers/docker/labels.ts';
import type { EngineSettings } from '../../providers/docker/settings.ts';
import type { Place } from '../place.ts';
import { CannotBegin, type Cloud } from './cloud.ts';
import { endHaproxy, haproxyEntry, startHaproxy } from './haproxy-process.ts';
import { localCloud } from './local.ts';

/** The ports that the demo's instances are published on, and what one of them may use. */
const ports = { from: 20_000, to: 29_999 };
const limits = { memory: 256 * 1024 ** 2, cpus: 1, pids: 128 };

/** A network of this demo's own: one place is one number. */
const networkOf = ({ root }: Place): string =>
  `bakery-demo-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;

/** Containers on a Docker engine behind a HAProxy of the demo's own. */
export function dockerCloud({ engine: url, base }: { engine: string; base: string }): Cloud {
  const settings: Record<string, EngineSettings> = { one: { url, address: '127.0.0.1' } };
  const engine = () => new Engine('one', { url, address: '127.0.0.1' });
  return {
    provider: 'docker',
    balancer: 'haproxy',
    base,
    patience: 1,
    providerEntry: (place) => ({
      kind: 'docker',
      engines: settings,
      network: networkOf(place),
      ports: `${ports.from}-${ports.to}`,
      limits: { memory: `${limits.memory / 1024 ** 2}m`, cpus: limits.cpus, pids: limits.pids },
    }),
    balancerEntry: haproxyEntry,
    async prepare(place) {
      await ensureBase(engine(), url, base);
      await startHaproxy(place);
    },
    open: (place) =>
      dockerProvider('docker', {
        engines: settings,
        network: networkOf(place),
        ports,
        limits,
        keep: () => Promise.reject(new Error('the demo itself bakes nothing')),
        now: Date.now,
      }),
    endBalancer: endHaproxy,
    host: localCloud.host,
    forget: (place, owner) => forget(engine(), networkOf(place), owner),
  };
}

/** The engine answers, and has the base image or can pull it. */
async function ensureBase({ docker, patient }: Engine, url: string, base: string): Promise<void> {
  try {
    await docker.ping();
  } catch (error) {
    throw new CannotBegin(
      `No Docker engine answers at ${url} (${sentenceOf(error)}). Install one (Debian: apt-get install docker.io), see that you may use it (the group docker), or name another by --engine unix:///path/to/docker.sock.`,
    );
  }
  if ((await unlessGone(docker.getImage(base).inspect())) !== undefined) return;
  try {
    const progress = await patient.pull(base);
    await new Promise<void>((resolve, reject) => {
      patient.modem.followProgress(progress, (error) => (error === null ? resolve() : reject(error)));
    });
  } catch (error) {
    throw new CannotBegin(
      `The engine has no image ${base} and cannot pull it (${sentenceOf(error)}). Name an image with Node.js 20 that it has by --base-image NAME; docker image ls lists them.`,
    );
  }
}

const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().replace(/\.$/, '').slice(0, 200);

/** Images first, then what says that instances ended, then the network that nobody is in any more. */
async function forget({ docker }: Engine, network: string, owner: string): Promise<void> {
  const ours = { label: [`${label.owner}=${owner}`] };
  const images = await docker.listImages({ all: true, filters: ours });
  await removeAll(
    images.map(({ Id }) => Id),
    (id) => docker.getImage(id).remove({ force: true }),
  );
  const { Volumes } = await docker.listVolumes({ filters: ours });
  for (const { Name } of Volumes ?? []) await unlessGone(docker.getVolume(Name).remove());
  await unlessGone(docker.getNetwork(network).remove());
}

/** An engine does not remove an image before those that were made from it, and tells no order: again while any goes. */
async function removeAll(ids: string[], remove: (id: string) => Promise<unknown>): Promise<void> {
  const kept: string[] = [];
  let refused: unknown;
  for (const id of ids) {
    try {
      await unlessGone(remove(id));
    } catch (error) {
      refused = error;
      kept.push(id);
    }
  }
  if (kept.length === ids.length && kept.length > 0) throw refused;
  if (kept.length > 0) await removeAll(kept, remove);
}
