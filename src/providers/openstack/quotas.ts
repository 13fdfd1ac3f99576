import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Compute } from './compute.ts';
import { unlessHidden } from './gone.ts';
import type { Flavor } from './names.ts';
import type { Session } from './session.ts';

/** What a project may have of something and has; a limit below 0 is none. */
export interface Count {
  what: string;
  limit: number;
  used: number;
}

export interface Room {
  /** How many more fit. */
  more: number;
  /** What is in the way of one more than these, in words. */
  because: string[];
}

/** How many more fit of what needs so much of each. */
export function roomFor(counts: readonly Count[], need: Readonly<Record<string, number>>): Room {
  const each = counts.flatMap(({ what, limit, used }) => {
    const needed = need[what] ?? 0;
    if (limit < 0 || needed <= 0) return [];
    const words = `${used} of ${limit} ${what} are used${needed === 1 ? '' : `, and each takes ${needed}`}`;
    return [{ more: Math.max(0, Math.floor((limit - used) / needed)), words }];
  });
  const more = Math.min(Number.POSITIVE_INFINITY, ...each.map((one) => one.more));
  return { more, because: each.filter((one) => one.more === more).map(({ words }) => words) };
}

const limitsSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      totalInstancesUsed: z.number(),
      maxTotalCores: z.number(),
      totalCoresUsed: z.number(),
      maxTotalRAMSize: z.number(),
      totalRAMUsed: z.number(),
    }),
  }),
});
const detail = z.object({ limit: z.number(), used: z.number() }).optional();
const networkSchema = z.object({ quota: z.object({ port: detail, floatingip: detail }) });

const [instances, cores, ram, ports, floating] = [
  'instances',
  'cores',
  'MB of memory',
  'ports',
  'floating addresses',
];

/** What a server of a flavor takes, and what comes with it. */
export const needOf = ({ vcpus, ram: memory }: Flavor, withFloating: boolean): Record<string, number> => ({
  [instances]: 1,
  [cores]: vcpus,
  [ram]: memory,
  [ports]: 1,
  [floating]: withFloating ? 1 : 0,
});

/** The project's quotas, as Nova and Neutron tell them. */
export class Quotas {
  readonly #session: Session;
  readonly #compute: Compute;

  constructor(session: Session, compute: Compute) {
    this.#session = session;
    this.#compute = compute;
  }

  /** What a cloud does not tell its projects is left out. */
  async counts(signal: AbortSignal): Promise<Count[]> {
    const [nova, neutron] = await Promise.all([this.#nova(signal), this.#neutron(signal)]);
    return [...nova, ...neutron];
  }

  /** Throws `quota` when there is no room for one more server. */
  async ensureRoom(flavor: Flavor, withFloating: boolean, signal: AbortSignal): Promise<void> {
    const { more, because } = roomFor(await this.counts(signal), needOf(flavor, withFloating));
    if (more > 0) return;
    throw new ProviderError(
      'quota',
      `The project has no room for another server of the flavor ${flavor.name}: ${because.join('; ')}. Nothing was made; remove what is not needed, or raise the quota.`,
    );
  }

  async #nova(signal: AbortSignal): Promise<Count[]> {
    const asked = { path: '/limits', doing: 'tell the quota' };
    const found = await unlessHidden(this.#compute.ask(asked, limitsSchema, signal));
    if (found === undefined) return [];
    const { absolute: now } = found.limits;
    return [
      { what: instances, limit: now.maxTotalInstances, used: now.totalInstancesUsed },
      { what: cores, limit: now.maxTotalCores, used: now.totalCoresUsed },
      { what: ram, limit: now.maxTotalRAMSize, used: now.totalRAMUsed },
    ];
  }

  async #neutron(signal: AbortSignal): Promise<Count[]> {
    const path = `/quotas/${await this.#session.project(signal)}/details`;
    const asked = { service: 'network', path, doing: 'tell the quota' } as const;
    const found = await unlessHidden(this.#session.ask(asked, networkSchema, signal));
    const of = (what: string, one: z.infer<typeof detail>): Count[] =>
      one === undefined ? [] : [{ what, ...one }];
    return [...of(ports, found?.quota.port), ...of(floating, found?.quota.floatingip)];
  }
}
