import type { Vocabulary } from '../grammar.ts';
import { approve } from './approve.ts';
import { bake } from './bake.ts';
import { cancel } from './cancel.ts';
import { claim } from './claim.ts';
import { deploy } from './deploy.ts';
import { diff } from './diff.ts';
import { help } from './help.ts';
import { history } from './history.ts';
import { freeze, revoke, stop, unfreeze } from './hold.ts';
import { hotfix } from './hotfix.ts';
import { images } from './images.ts';
import { keep } from './keep.ts';
import { lock, steal, unlock } from './lock.ts';
import { log } from './log.ts';
import { output } from './output.ts';
import { override, overrides } from './override.ts';
import { reaper } from './reaper.ts';
import { reject } from './reject.ts';
import { release } from './release.ts';
import { repair } from './repair.ts';
import { retire } from './retire.ts';
import { rollBack } from './roll-back.ts';
import { status } from './status.ts';
import { trace } from './trace.ts';
import { who } from './who.ts';
import { why } from './why.ts';

/** Who may do what, and what is kept back. */
const holds = [lock, unlock, steal, freeze, unfreeze, stop, revoke, override, overrides, who, claim];

/** Every command, in the order in which help shows them. A new one is a file of the same shape and a line here. */
const all = [
  bake,
  release,
  status,
  why,
  history,
  log,
  output,
  trace,
  diff,
  approve,
  reject,
  deploy,
  hotfix,
  cancel,
  retire,
  rollBack,
  ...holds,
  images,
  keep,
  repair,
  reaper,
];
const asHelp = help(all);

export const vocabulary: Vocabulary = {
  words: [...all, asHelp],
  alone: release,
  service: bake,
  rollback: rollBack,
};
