import {
  type Answer,
  type GroupCommand,
  isRefusal,
  type PipelineCommand,
  type Refusal,
  refuse,
} from '../domain/command.ts';
import type { Facts } from '../domain/facts.ts';
import type { At } from '../domain/time.ts';
import { allowReaper } from './commands/allow-reaper.ts';
import { approve, reject } from './commands/approval.ts';
import { cancelDeployment, cancelRelease } from './commands/cancel.ts';
import { deploy } from './commands/deploy.ts';
import { freeze, unfreeze } from './commands/freeze.ts';
import { giveWay } from './commands/give-way.ts';
import { keepImage } from './commands/keep.ts';
import { lock, stealLock, unlock } from './commands/lock.ts';
import { override } from './commands/override.ts';
import { readOutput } from './commands/read-output.ts';
import { readTraces } from './commands/read-traces.ts';
import { allowRepairs } from './commands/repair.ts';
import { requestRelease } from './commands/request-release.ts';
import { retireOld } from './commands/retire.ts';
import { retryDeployment, retryRelease } from './commands/retry.ts';
import { revoke } from './commands/revoke.ts';
import { rollBack } from './commands/roll-back.ts';
import { stop } from './commands/stop.ts';
import { type Decision, Draft } from './draft.ts';

/** What is asked of one service; the rest is decided for the whole installation. */
export type ForOneService = Exclude<PipelineCommand, { service: 'all' } | GroupCommand>;

/** Decides a command: pure. A refusal is a value; nothing of a refused command is kept. */
export function decide(facts: Facts, command: ForOneService, now: At): Decision | Refusal {
  const draft = new Draft(facts, now);
  if (facts.service.restoring !== undefined) {
    return refuse(
      'too early',
      `The ledger was restored, and Bakery is looking what there is of ${command.service} in the clouds. Nothing was changed; try again in a minute.`,
    );
  }
  const answer = answerTo(draft, command);
  return isRefusal(answer) ? answer : draft.decision(answer);
}

function answerTo(draft: Draft, command: ForOneService): Answer {
  switch (command.do) {
    case 'request release':
      return requestRelease(draft, command);
    case 'deploy':
      return deploy(draft, command);
    case 'roll back':
      return rollBack(draft, command);
    case 'approve':
      return approve(draft, command);
    case 'reject':
      return reject(draft, command);
    case 'cancel release':
      return cancelRelease(draft, command);
    case 'cancel deployment':
      return cancelDeployment(draft, command);
    case 'keep':
      return keepImage(draft, command);
    case 'read output':
      return readOutput(draft, command);
    case 'read traces':
      return readTraces(draft, command);
    case 'allow repairs':
      return allowRepairs(draft, command);
    case 'allow reaper':
      return allowReaper(draft, command);
    case 'retire':
      return retireOld(draft, command);
    case 'retry release':
      return retryRelease(draft, command);
    case 'retry deployment':
      return retryDeployment(draft, command);
    case 'override':
      return override(draft, command);
    case 'give way':
      return giveWay(draft, command);
    case 'lock':
      return lock(draft, command);
    case 'unlock':
      return unlock(draft, command);
    case 'steal lock':
      return stealLock(draft, command);
    case 'revoke':
      return revoke(draft, command);
    case 'stop':
      return stop(draft, command);
    case 'freeze':
      return freeze(draft, command);
    case 'unfreeze':
      return unfreeze(draft, command);
  }
}
