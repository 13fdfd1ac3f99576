import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runLine } from '../../src/control/client.ts';
import { serveControl } from '../../src/control/server.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/wait-for.ts';

const me = userInfo().username;
let world: CoreWorld;
let slack: FakeSlack;
let real: RealBot;
let socket: string;
let close: () => Promise<void>;

beforeEach(async () => {
  slack = await startFakeSlack();
  world = new CoreWorld();
  real = await realBot(world, slack);
  socket = join(tempFolder(), 'control.sock');
  close = await serveControl({
    socket,
    operators: new Map([[me, 'Ada']]),
    controlled: {
      run: (account, line, breakGlass) => real.bot.line(account, line, breakGlass),
      card: (about) => real.bot.card(about),
    },
    onError: () => undefined,
  });
  await world.push('one');
  await world.run(5_000);
});
afterEach(async () => {
  await close();
  await real.stop();
  await slack.close();
});

const approve = (reason?: string) => runLine(socket, '/bake approve hello v1 production', reason);
const last = () => world.trail().findLast(({ command }) => command === 'approve');

it('an operator at the command line cannot approve without breaking the glass, and the trail says so', async () => {
  expect(await approve()).toMatchObject({ refused: true, text: expect.stringContaining('--break-glass') });
  expect(await approve('   ')).toMatchObject({ refused: true });
  expect(world.deployment('hello.production.1').wait?.for).toBe('approval');
  expect(last()).toMatchObject({ by: { kind: 'operator', account: me }, outcome: 'not allowed' });
});

it('an operator who breaks the glass with a reason approves, and trail and channel tell it', async () => {
  expect(await approve('Slack is down and the shop is closed')).toMatchObject({ refused: false });
  await world.run(5_000);
  expect(world.slot('production').live?.version).toBe(1);
  expect(last()).toMatchObject({ outcome: 'accepted', breakGlass: expect.any(String) });
  await until('the note', () => slack.messages.some(({ text }) => text.includes('Glass broken')));
  const loud = slack.messages.find(({ text }) => text.includes('Glass broken'));
  expect(loud?.text).toContain('Reason: Slack is down and the shop is closed');
});
