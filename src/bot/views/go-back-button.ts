import { type Deployment, mayServe } from '../../pipeline/domain/deployment.ts';
import { tooOldForDatabase } from '../../pipeline/domain/migration.ts';
import { isStuck } from '../../pipeline/domain/relief.ts';
import type { SlotView } from '../../pipeline/views.ts';
import type { Button } from './button.ts';
import { oneLine } from './format.ts';

/** Where going back would lead from here; undefined when there is nothing to go back to, or it is not the way. */
export function goBackTo(
  deployment: Deployment,
  slot: SlotView | undefined,
): { version: number; warm: boolean } | undefined {
  const old = deployment.old;
  if (old === undefined || deployment.kind === 'rollback' || old.version > deployment.version)
    return undefined;
  if (slot?.unlaunchable?.includes(old.version)) return undefined;
  if (tooOldForDatabase(slot?.floor, old.version, deployment.environment) !== undefined) return undefined;
  if (old.version === deployment.version && !hasOtherSettings(deployment, slot)) return undefined;
  if (deployment.retiringSince !== undefined && deployment.state === 'running') return undefined;
  const runsStill = slot?.beside?.version === old.version || slot?.live?.version === old.version;
  const moving = deployment.state === 'running' && deployment.stage === 'cut-over' && mayServe(deployment);
  const stuck = isStuck(deployment);
  const live =
    slot?.live?.deployment === deployment.id &&
    (deployment.state === 'finished' ||
      (deployment.state === 'running' && (deployment.stage === 'soak' || deployment.stage === 'retire')));
  return moving || live || stuck ? { version: old.version, warm: runsStill } : undefined;
}

/** Whether the same release still runs with other settings than this deployment brings. */
const hasOtherSettings = ({ plan, anew }: Deployment, slot: SlotView | undefined): boolean =>
  anew === true &&
  [slot?.live, slot?.beside].some(
    (one) => one !== undefined && one.settings !== '' && one.settings !== plan.settings.digest,
  );

/** Roll back, while that is possible. */
export function goBackButton(deployment: Deployment, slot: SlotView | undefined): Button[] {
  const to = goBackTo(deployment, slot);
  if (to === undefined) return [];
  const { service, environment, anew } = deployment;
  const button = rollBackButton(service, to.version, environment, to.warm);
  return [anew === true ? toSettingsBefore(button, service, to.version, environment) : button];
}

/** The same button where the release stays and its settings go. */
const toSettingsBefore = (button: Button, service: string, version: number, environment: string): Button => ({
  ...button,
  label: `Roll back settings of ${environment}`,
  says: `Roll back ${service} v${version} in ${environment} to the settings before`,
  confirm: {
    title: `Roll back the settings of ${environment}?`,
    text: `*${oneLine(service, 60)} v${version}* still runs with the settings it had before: all traffic of *${oneLine(environment, 40)}* moves back to it, which takes seconds. The operators' files stay as they are.`,
    yes: 'Roll back settings',
    no: 'Leave it as it is',
  },
});

/** The button that rolls an environment back to a version; its dialog says what will happen. */
export function rollBackButton(service: string, version: number, environment: string, warm: boolean): Button {
  return {
    id: 'roll-back',
    label: `Roll back ${environment} to v${version}`,
    says: `Roll back ${service} to v${version} in ${environment}`,
    value: { service, version, environment },
    style: 'danger',
    confirm: {
      title: `Roll ${environment} back to v${version}?`,
      text: warm
        ? `*${oneLine(service, 60)} v${version}* still runs: all traffic of *${oneLine(environment, 40)}* moves back to it, which takes seconds. The release it leaves is quarantined.`
        : `*${oneLine(service, 60)} v${version}* is started from its original image, with no new build, and takes the traffic of *${oneLine(environment, 40)}* once it is healthy. The release it leaves is quarantined.`,
      yes: `Roll back to v${version}`,
      no: 'Leave it as it is',
    },
  };
}
