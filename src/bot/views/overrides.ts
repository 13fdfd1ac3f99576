import type { OverridesView } from '../../pipeline/views.ts';
import { drawn, header, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { oneLine, person, when } from './format.ts';

/** Who put the rules aside for a service, newest first. */
export function overrides(service: string, { deployments, texts }: OverridesView): Drawn {
  const name = oneLine(service, 60);
  const lines = deployments.flatMap(({ override, version, environment }) =>
    override === undefined
      ? []
      : [
          `🚨 v${version} in *${oneLine(environment, 40)}* by ${person(override.by)}, ${when(override.at)}: ${oneLine(texts[override.reason] ?? '[erased]', 300)} · put aside: ${override.lifts.join(', ') || 'nothing'}`,
        ],
  );
  if (lines.length === 0) return sentence(`Nobody has overridden the rules for ${name}.`);
  return drawn(`${lines.length} overrides of ${name}.`, [
    header(`${service}: overrides`),
    ...lines.map(section),
  ]);
}
