import type { Cloud } from '../clouds/cloud.ts';
import { StoryTeller } from '../story-teller.ts';
import { factsIn } from '../summary.ts';
import { writeInvoices } from './configuration.ts';
import { setShopStage } from './shop-stage.ts';
import { WorkerStory } from './worker-story.ts';

/**
 * The second story, by itself: a worker with a database in a monorepo, built by an outside CI, goes through two releases, a changed
 * setting, a hotfix and a rollback. True when every step was as it must be.
 */
export async function tellWorkerStory(
  root: string,
  print: (line: string) => void,
  cloud: Cloud,
): Promise<boolean> {
  const { stage, shop } = await setShopStage(root, print, cloud, (place, shop) =>
    writeInvoices(place, shop, cloud, 'EUR'),
  );
  const teller = new StoryTeller(stage.slack, print, cloud.patience);
  const stopWatching = teller.watch();
  const story = new WorkerStory(stage, shop, teller, cloud);
  const cameToItsEnd = await teller.tellsToItsEnd(() => story.tell());
  await story.close();
  stopWatching();
  await stage.close();
  print('\nTime per stage');
  for (const { name, times } of factsIn(stage.place.data).stages) print(`  ${name.padEnd(52)} ${times}`);
  return teller.concludes(cameToItsEnd, story.problems);
}
