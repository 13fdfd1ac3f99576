import { checksProblem } from '../pipeline/domain/checks.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Forge, WarnOfChecks } from '../pipeline/repositories.ts';
import type { Warning } from '../pipeline/views.ts';

/** How long an answer is shown again: cards are drawn oftener than checks change. */
const fresh: Millis = 30_000;
const most = 1_000;

/** Asks the forge when a card that waits for an approval is drawn. */
export function warnOfChecks({ forge, now }: { forge: Forge; now(): At }): WarnOfChecks {
  const known = new Map<string, { warning: Promise<Warning | undefined>; until: At }>();
  return ({ service, checks }, sha) => {
    if (checks === undefined) return Promise.resolve(undefined);
    const key = `${service} ${sha}`;
    const kept = known.get(key);
    if (kept !== undefined && kept.until > now()) return kept.warning;
    const warning = forge.checks(checks, sha).then(
      (found): Warning | undefined => {
        const problem = checksProblem(checks.required, found);
        return problem === undefined ? undefined : { is: 'checks', problem };
      },
      (): Warning => ({ is: 'checks' }),
    );
    if (known.size >= most) known.clear();
    known.set(key, { warning, until: now() + fresh });
    return warning;
  };
}
