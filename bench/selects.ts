import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreWorld } from '../test/support/core-world.ts';
import { startFakeSlack } from '../test/support/fake-slack.ts';
import { environment, policy } from '../test/support/policies.ts';
import { realBot } from '../test/support/real-bot.ts';
import { atMost, type Figure, median, quantile, seen } from './figure.ts';

/** All of them live once in two environments. */
const releases = 300;
const keystrokes = 200;

/** What the selects of dialogs take to answer, by signed HTTP, while somebody types: the first look and all later ones. */
export async function selects(): Promise<Figure[]> {
  const environments = [environment('dev', 4001), environment('staging', 4002)];
  const world = new CoreWorld(policy({ environments }));
  for (let made = 1; made <= releases; made++) {
    await world.push(`change ${made}`);
    await world.run(5_000);
  }
  const slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1' });
  const folder = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const real = await realBot(world, slack, { folder });
  const ask = async (action: string, typed: string): Promise<number> => {
    const began = performance.now();
    const status = await real.post({ payload: JSON.stringify(suggestion(action, typed)) });
    if (status !== 200) throw new Error(`The bot answered a select with ${status}.`);
    return performance.now() - began;
  };
  try {
    await ask('suggest-service', '');
    const first = await ask('suggest-version', '');
    const times: number[] = [];
    for (let key = 0; key < keystrokes; key++) {
      times.push(await ask('suggest-service', 'hello'.slice(0, key % 6)));
      times.push(await ask('suggest-version', `v${key % 30}`));
    }
    return [
      atMost('a select while somebody types, p99', quantile(times, 0.99), 100, 'ms'),
      seen('a select, median', median(times), 'ms'),
      atMost('the first look at the versions of a service', first, 100, 'ms'),
    ];
  } finally {
    await real.stop();
    await slack.close();
    world.file.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As Slack asks it, with the service that was chosen in the dialog before. */
const suggestion = (action: string, typed: string) => ({
  type: 'block_suggestion',
  action_id: action,
  block_id: 'version',
  value: typed,
  team: { id: 'T1' },
  user: { id: 'UADA', team_id: 'T1' },
  api_app_id: 'A1',
  view: {
    id: 'V1',
    state: { values: { service: { 'suggest-service': { selected_option: { value: 'hello' } } } } },
  },
});
