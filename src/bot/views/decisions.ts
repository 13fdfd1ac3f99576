import type { KnownBlock } from '@slack/types';
import type { DeploymentView } from '../../pipeline/views.ts';
import { drawn } from './blocks.ts';
import { deploymentButtons } from './buttons.ts';
import { buttonRow } from './card-parts.ts';
import { decisionPart } from './decision-part.ts';
import type { Drawn } from './drawn.ts';
import { escaped, plural } from './format.ts';

/** What waits for a yes, each with all that an approver has to know, and its buttons. */
export function decisions(views: DeploymentView[]): Drawn {
  const names = views.map(
    ({ deployment }) => `${deployment.service} v${deployment.version} for ${deployment.environment}`,
  );
  return drawn(
    `${plural(views.length, 'deployment')} to decide: ${escaped(names.join(', '))}`,
    views
      .slice(0, 5)
      .flatMap(({ deployment, release, slots, decision }): (KnownBlock | undefined)[] => [
        ...decisionPart(deployment, release, decision),
        buttonRow(
          deploymentButtons(deployment, slots[deployment.environment], release).filter(
            ({ id }) => id === 'approve' || id === 'reject',
          ),
        ),
      ]),
  );
}
