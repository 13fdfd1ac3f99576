import { ProviderError } from '../../pipeline/provider.ts';
import { cloudOf } from '../../providers/openstack/cloud-parts.ts';
import { openStackProvider } from '../../providers/openstack/index.ts';
import { sessionOf } from '../../providers/openstack/session-of.ts';
import type { OpenStackSettings } from '../../providers/openstack/settings.ts';
import type { Place } from '../place.ts';
import { CannotBegin, type Cloud } from './cloud.ts';
import { localCloud } from './local.ts';
import { type OctaviaDemo, octaviaFront } from './octavia.ts';

export interface OpenStackDemo {
  base: string;
  flavor: string;
  network: string;
  /** A load balancer of Octavia's; the embedded balancer of this machine without it. */
  front?: OctaviaDemo | undefined;
}

const container = 'bakery-demo';
const port = 8080;
const patience = 60_000;

/**
 * Servers of the cloud that OS_CLOUD or the OS_* variables name, behind a load balancer of Octavia's, or the embedded
 * balancer of this machine, which then has to reach their network, as what checks a candidate's health has to anyway.
 */
export function openStackCloud({ base, flavor, network, front }: OpenStackDemo): Cloud {
  const told = { flavor, network, container, port, configDrive: true };
  const settings: OpenStackSettings = {
    ...told,
    address: 'fixed',
    boot: 5 * 60_000,
    baking: 30 * 60_000,
    keep: () => Promise.reject(new Error('the demo itself bakes nothing')),
    now: Date.now,
  };
  const door = front === undefined ? localCloud : octaviaFront(front);
  return {
    ...localCloud,
    ...door,
    provider: 'openstack',
    base,
    patience: 6,
    providerEntry: () => ({ kind: 'openstack', ...told }),
    async prepare(place) {
      await check(settings, base, place, door);
    },
    open: () => openStackProvider('openstack', settings),
    forget: (_place, owner) => forget(settings, owner),
  };
}

/** The cloud answers, and has what the demo needs of it. */
async function check(
  settings: OpenStackSettings,
  base: string,
  place: Place,
  front: Pick<Cloud, 'prepare'>,
): Promise<void> {
  const signal = AbortSignal.timeout(patience);
  try {
    const { images, names } = cloudOf('openstack', sessionOf(settings), settings);
    await images.base(base, signal);
    await names.flavor(settings.flavor, signal);
    await names.network(settings.network, signal);
    await front.prepare(place);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new CannotBegin(
      `${error.message} The demo takes the cloud from OS_CLOUD or the OS_* variables, and what it needs there from --base-image, --flavor, --network and --load-balancer.`,
    );
  }
}

async function forget(settings: OpenStackSettings, owner: string): Promise<void> {
  const provider = openStackProvider('openstack', settings);
  const call = { signal: AbortSignal.timeout(patience), ensureTime: () => undefined, log: () => undefined };
  const images = (await provider.list(owner, call)).filter(({ what }) => what === 'image');
  for (const id of new Set(images.map((one) => one.id))) await provider.removeImage(id, call);
}
