import { randomBytes } from 'node:crypto';
import type { Cloud } from '../clouds/cloud.ts';
import type { Place } from '../place.ts';
import { type Stage, setStage } from '../stage.ts';
import { makeShop, type Shop, shopAt } from './shop.ts';

/** The stage with the shop's repository of two services beside it; `write` writes the operators' files of them. */
export async function setShopStage(
  root: string,
  print: (line: string) => void,
  cloud: Cloud,
  write: (place: Place, shop: Shop) => void,
): Promise<{ stage: Stage; shop: Shop }> {
  print(
    '        Setting the stage: a simulated Slack, the bot, its ledger and queue, a repository of two services …',
  );
  let shop: Shop | undefined;
  const stage = await setStage(
    root,
    (place) => {
      shop = shopAt(place);
      makeShop(shop, randomBytes(24).toString('hex'));
      write(place, shop);
    },
    cloud,
  );
  if (shop === undefined) throw new Error('The stage was set without a shop.');
  return { stage, shop };
}
