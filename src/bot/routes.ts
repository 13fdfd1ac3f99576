import { approve, openReject } from './actions/decide.ts';
import { giveWay } from './actions/give-way.ts';
import {
  bakeRef,
  chooseEnvironment,
  deploy as deployChosen,
  rollBack as rollBackChosen,
} from './actions/go.ts';
import { approveGroup, cancelGroup, deployGroup, openRejectGroup, rollBackGroup } from './actions/group.ts';
import { retryDeployment, retryRelease } from './actions/retry.ts';
import { cancelDeployment, cancelRelease, retireOld, unlock } from './actions/stop.ts';
import type { Answer, Asked, Bot } from './asked.ts';
import type { ButtonId } from './views/button.ts';
import type { ButtonValue } from './views/button-value.ts';

/** Which button goes where. */
export const buttons: Record<ButtonId, (bot: Bot, asked: Asked, value: ButtonValue) => Promise<Answer>> = {
  approve,
  reject: openReject,
  'cancel-release': cancelRelease,
  'cancel-deployment': cancelDeployment,
  retire: retireOld,
  'roll-back': rollBackChosen,
  'retry-release': retryRelease,
  'retry-deployment': retryDeployment,
  'bake-ref': bakeRef,
  'choose-environment': chooseEnvironment,
  deploy: deployChosen,
  'give-way-replace': giveWay('replace'),
  'give-way-queue': giveWay('queue'),
  'give-way-keep': giveWay('keep'),
  unlock,
  'approve-group': approveGroup,
  'reject-group': openRejectGroup,
  'cancel-group': cancelGroup,
  'roll-back-group': rollBackGroup,
  'deploy-group': deployGroup,
};
