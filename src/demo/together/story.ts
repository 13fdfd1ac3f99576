import { randomBytes } from 'node:crypto';
import type { Cloud } from '../clouds/cloud.ts';
import { setStage } from '../stage.ts';
import { StoryTeller } from '../story-teller.ts';
import { makeShop, type Shop, shopAt } from '../worker/shop.ts';
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
  print(
    '        Setting the stage: a simulated Slack, the bot, its ledger and queue, a repository of two services …',
  );
  let shop: Shop | undefined;
  const stage = await setStage(
    root,
    (place) => {
      shop = shopAt(place);
      makeShop(shop, randomBytes(24).toString('hex'));
      writeTogether(place, shop, cloud);
    },
    cloud,
  );
  if (shop === undefined) throw new Error('The stage was set without a shop.');
  const teller = new StoryTeller(stage.slack, print, cloud.patience);
  const stopWatching = teller.watch();
  const story = new TogetherStory(stage, shop, teller);
  const cameToItsEnd = await teller.tellsToItsEnd(() => story.tell());
  stopWatching();
  await stage.close();
  return teller.concludes(cameToItsEnd, story.problems);
}
