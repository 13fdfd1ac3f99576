import type { ReleaseView, TraceLink } from '../../pipeline/views.ts';
import { drawn, section, sections } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { code, escaped, oneLine } from './format.ts';

/** The traces of a release, for one person. */
export function traceList(service: string, version: number, traces: readonly TraceLink[]): Drawn {
  const name = `${oneLine(service, 60)} v${version}`;
  return drawn(`The traces of ${name}.`, [
    section(`*Traces of ${name}*, for you alone:`),
    ...sections(traces.map(linked)),
  ]);
}

/** For an installation that says of none where it is read. */
export const noTraces =
  'Bakery does not know where traces are read: `traces.link` is not set in bot.yaml. An operator can set it: docs/traces.md.';

const linked = ({ name, link }: TraceLink): string => `<${escaped(link)}|${oneLine(name, 90) || 'trace'}>`;

/** Of a card's traces as many as fit, since Slack refuses a card that is too long; or how to ask for them. */
export function tracesLine(
  traces: ReleaseView['traces'],
  of: { service: string; version: number } | undefined,
): string[] {
  if (traces === 'for who asks')
    return of === undefined ? [] : [`Traces: ${code(`/bake trace ${of.service} v${of.version}`)}`];
  const links = (traces ?? []).map(linked);
  while (links.join(', ').length > 2_000) links.pop();
  return links.length === 0 ? [] : [`Traces: ${links.join(', ')}`];
}
