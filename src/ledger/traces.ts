import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Release } from '../pipeline/domain/release.ts';
import { type TracedName, traceOfRelease } from '../pipeline/domain/trace.ts';
import type { ReleaseView, TraceLink } from '../pipeline/views.ts';

/** Where the trace of something is read; undefined where the operators' files have no address. */
export type LinkOfTrace = ((name: TracedName) => string) | undefined;

/** What a card says of traces: the addresses where everybody may see them, otherwise that they are there to be asked for. */
export function tracesOnCard(
  { people }: ServicePolicy,
  drawn: readonly (Release | Deployment)[],
  link: LinkOfTrace,
): Pick<ReleaseView, 'traces'> {
  if (link === undefined) return {};
  if (people.trace?.includes('*') !== true) return { traces: 'for who asks' };
  return {
    traces: drawn.map((one) =>
      'environment' in one
        ? { name: one.environment, link: link(one.id) }
        : { name: 'release', link: link(traceOfRelease(one)) },
    ),
  };
}

/** All traces of a release and of its deployments, by the names that `/bake history` shows. */
export const tracesOf = (
  release: Pick<Release, 'service' | 'version'>,
  deployments: readonly Deployment[],
  link: NonNullable<LinkOfTrace>,
): TraceLink[] =>
  [traceOfRelease(release), ...deployments.map(({ id }) => id)].map((name) => ({ name, link: link(name) }));
