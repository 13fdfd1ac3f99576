import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { createLog } from '../../src/ops/log.ts';
import type { FoundCommit } from '../../src/pipeline/domain/command.ts';
import { CoreWorld, commitNamed } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { ada, policy } from '../support/policies.ts';
import { type RealBot, realBot } from '../support/real-bot.ts';

const all = ['T1/UADA'];
const people = { bake: all, approve: all, rollback: all, retire: all, lock: all, override: all };
let world: CoreWorld;
let slack: FakeSlack;
let real: RealBot;
let logged: string[];

beforeEach(async () => {
  logged = [];
  // The real log, down to what it makes of errors: their stack, cause and fields.
  const log = createLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } });
  slack = await startFakeSlack();
  slack.users.set('UADA', { team_id: 'T1', real_name: 'Ada Lovelace-Byron' });
  world = new CoreWorld(policy({ people }));
  Object.assign(world.parts, { log });
  real = await realBot(world, slack, { log });
});
afterEach(async () => {
  await real.stop();
  await slack.close();
});

it('no log holds a reason that somebody typed, or the name or address of anybody', async () => {
  const commit: FoundCommit = {
    ...commitNamed('one'),
    subject: 'Secretly pay the baker',
    author: 'Charles Babbage-Smith',
    email: 'charles@engine.example',
  };
  await world.do({ do: 'request release', service: 'hello', commit, by: ada });
  await world.run(5_000);
  // What goes wrong is logged: that tells nothing of them either.
  slack.fail('users.lookupByEmail', { status: 500 }, { status: 500 });
  slack.fail('chat.postMessage', { status: 503 }, { error: 'msg_blocks_too_long' });
  const words = 'because of the Menabrea affair';
  for (const line of [
    `lock hello production "${words}" for 1h`,
    `steal hello production "${words}"`,
    `unlock hello production`,
    `freeze hello "${words}" until 2030-01-01T00:00Z`,
    'unfreeze hello',
    `stop hello "${words}"`,
    `revoke hello v1 "${words}"`,
    `override hello v1 production "${words}"`,
    `hotfix hello one "${words}"`,
    `nonsense ${words}`,
  ])
    expect(await real.say('UADA', line), line).not.toBe('');
  const { db } = world.file;
  for (const table of ['texts', 'events']) {
    db.run(sql.raw(`create trigger full before insert on ${table} begin select raise(abort, 'full'); end`));
    expect(await real.say('UADA', `lock hello production "${words}" for 1h`)).toContain('failed at this');
    db.run(sql.raw('drop trigger full'));
  }
  const value = { service: 'hello', deployment: 'hello.production.1' };
  await real.bot.line('root', '/bake approve hello v1 production', words);
  const { image, plan } = world.deployment('hello.production.1');
  const bound = { image: image.digest, settings: plan.settings.digest };
  await real.press('UADA', 'approve', encode({ ...value, ...bound }));
  await real.press('UADA', 'reject', encode(value));
  await world.run(5_000);
  const held = logged.filter((line) => /Menabrea|Lovelace|Babbage|engine\.example|pay the baker/.test(line));
  expect(held).toEqual([]);
  expect(logged.join()).toContain('slack');
});
