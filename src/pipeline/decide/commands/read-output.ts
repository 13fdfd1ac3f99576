import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import { order } from '../../stages/orders.ts';
import type { Draft } from '../draft.ts';
import { heldIn } from '../held.ts';
import { outputEffect } from '../output.ts';
import { findEnvironment } from './find.ts';

/** All that a card's thread shows at once. */
const linesInAll = 40;

/** A person wants to see what the instances that are live write. */
export function readOutput(draft: Draft, command: PipelineCommand & { do: 'read output' }): Answer {
  const { service, environment } = command;
  const no = draft.may(command, 'bake', environment);
  if (no !== undefined) return no;
  const known = findEnvironment(draft, environment);
  if (isRefusal(known)) return known;
  const held = heldIn(draft.facts, environment);
  if (held === undefined) return refuse('nothing to do', `Nothing of ${service} is live in ${environment}.`);
  const { live, plan } = held;
  const { deployments, tasks } = draft.facts;
  if (!deployments.has(live.deployment))
    return refuse(
      'unknown deployment',
      `v${live.version} in ${environment} has no card: it was found serving, or brought back without Bakery. Read its output where it runs.`,
    );
  const effect = outputEffect(service, environment);
  if (!tasks.some((task) => task.effect === effect))
    draft.order([
      order(
        {
          kind: 'output',
          effect,
          // Each look is a task of its own; the tenth of a second numbers it.
          generation: Math.floor(draft.now / 100),
          subject: { kind: 'slot', service, environment },
          stage: 'upkeep',
          input: {
            provider: plan.provider,
            instances: live.instances,
            settings: plan.settings.values,
            lines: Math.ceil(linesInAll / Math.max(1, live.instances.length)),
          },
        },
        draft,
      ),
    ]);
  const sentence = `The last lines that v${live.version} wrote in ${environment} come into the thread of its card.`;
  return { accepted: true, sentence, version: live.version, deployment: live.deployment };
}
