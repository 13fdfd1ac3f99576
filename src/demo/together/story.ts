import type { Cloud } from '../clouds/cloud.ts';
import { StoryTeller } from '../story-teller.ts';
import { setShopStage } from '../worker/shop-stage.ts';
import { writeTogether } from './configuration.ts';
import { TogetherStory } from './together-story.ts';

/**
 * The third story, by itself: a worker and a web service of one repository are released together, one of them fails and
 * both go back, and a person takes both back. True when every step was as it must be.
 */
export async function tellTogetherStory(
  root: string,
  print: (line: string) => void,
  cloud: Cloud,
): Promise<boolean> {
  const { stage, shop } = await setShopStage(root, print, cloud, (place, shop) =>
    writeTogether(place, shop, cloud),
  );
  const teller = new StoryTeller(stage.slack, print, cloud.patience);
  const stopWatching = teller.watch();
  const story = new TogetherStory(stage, shop, teller);
  const cameToItsEnd = await teller.tellsToItsEnd(() => story.tell());
  stopWatching();
  await stage.close();
  return teller.concludes(cameToItsEnd, story.problems);
}
