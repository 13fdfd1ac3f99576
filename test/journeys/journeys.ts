import { asking } from './asking.ts';
import { deciding } from './deciding.ts';
import { elsewhere } from './elsewhere.ts';
import { goingBack } from './going-back.ts';
import { nothingLeft } from './nothing-left.ts';
import { refusals } from './refusals.ts';
import { releasing } from './releasing.ts';
import { surviving } from './surviving.ts';
import { together } from './together.ts';
import type { Mode } from './town.ts';

/** Everything that people do, over one way to Slack. */
export function journeys(mode: Mode): void {
  releasing(mode);
  deciding(mode);
  surviving(mode);
  goingBack(mode);
  asking(mode);
  elsewhere(mode);
  together(mode);
  nothingLeft(mode);
  refusals(mode);
}
