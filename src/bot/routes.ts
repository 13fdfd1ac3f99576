import { approve, openReject } from './actions/decide.ts';
import {
  bakeRef,
  chooseEnvironment,
  deploy as deployChosen,
  rollBack as rollBackChosen,
} from './actions/go.ts';
import { retryDeployment, retryRelease } from './actions/retry.ts';
import { cancelDeployment, cancelRelease, retireOld } from './actions/stop.ts';
import type { Answer, Asked, Bot } from './asked.ts';
import { bake } from './commands/bake.ts';
import { cancel } from './commands/cancel.ts';
import { deploy } from './commands/deploy.ts';
import { help } from './commands/help.ts';
import { history } from './commands/history.ts';
import { log } from './commands/log.ts';
import { retire } from './commands/retire.ts';
import { rollBack } from './commands/roll-back.ts';
import { status } from './commands/status.ts';
import type { Command } from './grammar.ts';
import type { ButtonValue } from './views/button-value.ts';
import type { ButtonId } from './views/buttons.ts';

type CommandOf<Is extends Command['is']> = Command & { is: Is };

/** Which word goes where. `reads`: changes nothing, so nobody has to be looked up. */
export const commands: {
  [Is in Command['is']]: {
    run(bot: Bot, asked: Asked, command: CommandOf<Is>): Promise<Answer>;
    reads: boolean;
  };
} = {
  help: { run: help, reads: true },
  status: { run: status, reads: true },
  history: { run: history, reads: true },
  log: { run: log, reads: true },
  bake: { run: bake, reads: false },
  deploy: { run: deploy, reads: false },
  cancel: { run: cancel, reads: false },
  retire: { run: retire, reads: false },
  'roll back': { run: rollBack, reads: false },
};

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
};
