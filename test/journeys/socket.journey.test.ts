import { afterEach, expect, it } from 'vitest';
import { until } from '../support/wait-for.ts';
import { journeys } from './journeys.ts';
import { openTown, type Town } from './town.ts';
import { Walker } from './walker.ts';

journeys('socket');

let town: Town | undefined;
afterEach(async () => {
  await town?.close();
  town = undefined;
});

it('a socket that was cut is shown to readiness until the next one is open', async () => {
  const here = await openTown('socket');
  town = here;
  await until('readiness', () => here.bot.state().ready);
  here.slack.dropSockets();
  await until('its being noticed', () => !here.bot.state().ready, 8_000);
  expect(here.bot.state().reason).toContain('socket');
  await until('the next', () => here.bot.state().ready, 8_000);
  expect(await new Walker(here, 'ann').asks('/bake status hello')).toContain('nothing is live');
});

it('a half-open socket is noticed, and shown to readiness until the next one is open', async () => {
  const here = await openTown('socket');
  town = here;
  await until('readiness', () => here.bot.state().ready);
  here.slack.silenceSockets();
  await until('its being noticed', () => !here.bot.state().ready, 20_000);
  expect(here.bot.state().reason).toContain('socket');
  await until('the next', () => here.bot.state().ready, 20_000);
  expect(await new Walker(here, 'ann').asks('/bake status hello')).toContain('nothing is live');
}, 60_000);
