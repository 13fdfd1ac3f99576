import { until } from '../support/wait-for.ts';
import { type Mode, openTown, type Town } from './town.ts';
import { button, seen, Walker } from './walker.ts';

// Those who walk: the town of each journey is opened anew, and the same five people come to it.
export let town: Town;
export let ann: Walker;
export let bob: Walker;
export let cyd: Walker;
export let eve: Walker;
export let gus: Walker;

export async function open(mode: Mode): Promise<void> {
  town = await openTown(mode);
  await until('readiness', () => town.bot.state().ready);
  [ann, bob, cyd, eve, gus] = (['ann', 'bob', 'cyd', 'eve', 'gus'] as const).map(
    (name) => new Walker(town, name),
  ) as [Walker, Walker, Walker, Walker, Walker];
}

/** A release of ann's that is live in production, approved by bob. */
export async function live(version: number, ref: string): Promise<void> {
  await ann.says(`/bake hello ${ref}`);
  await ann.told();
  const card = await seen(town, `hello v${version} · waits for approval`);
  await bob.presses(await button(town, card, 'approve'), 'approve');
  await seen(town, `hello v${version} · live in production`);
}
