import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { shownIn } from '../../src/bot/in-workspace.ts';
import { holdNotice } from '../../src/bot/views/hold-notice.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { messages } from '../../src/ledger/schema.ts';
import { nameWorkspace, waitingElsewhere } from '../../src/ledger/workspaces.ts';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { newInstallation } from '../../src/pipeline/domain/installation.ts';
import { rights } from '../../src/pipeline/domain/policy.ts';
import { administration, holders, permission } from '../../src/pipeline/domain/rights.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';

const here = { team: 'T1', name: 'acme' };
const there = { team: 'T2', name: 'partner' };
/** The same id as Ada's, in the other workspace. */
const double: Actor = { kind: 'person', team: 'T2', user: 'UADA' };
const powers = (people: string[]) => ({
  policy: policy({
    workspace: here,
    people: Object.fromEntries(rights.map((right) => [right, people])),
    admins: ['T1/UADA', 'T2/UADA'],
  }),
  installation: newInstallation,
});

describe('a person of another workspace', () => {
  it.each(rights)('has no right to %s, whatever the files say', (right) => {
    for (const people of [['*'], ['T1/UADA'], ['T2/UADA'], []]) {
      expect(isRefusal(permission({ by: ada }, right, powers(people)))).toBe(people[0] === 'T2/UADA');
      const no = permission({ by: double }, right, powers(people));
      expect(no).toMatchObject({ refused: 'not allowed' });
      expect(JSON.stringify(no)).toContain('belongs to the Slack workspace acme');
    }
  });

  it('is not named among those who may, not even as an administrator', () => {
    expect(holders('bake', powers([]))).toEqual(['T1/UADA']);
    const no = administration({ by: { ...double, user: 'UEVE' } }, ['T1/UADA'], newInstallation);
    expect(JSON.stringify(no)).toContain('None of them is of this workspace.');
    expect(JSON.stringify(no)).not.toContain('UADA');
  });

  it('is refused by the core itself, and the refusal is on the trail', async () => {
    const world = new CoreWorld(policy({ workspace: here }));
    expect(await world.push('one', double)).toMatchObject({ refused: 'not allowed' });
    expect(world.releases()).toEqual([]);
    expect(world.trail()).toMatchObject([{ by: double, outcome: 'not allowed' }]);
  });
});

const dueOf = (world: CoreWorld, team: string | null | undefined) =>
  sqliteOutbox(
    world.file.db,
    () => undefined,
    () => world.now,
  ).due(500, team);

it('a message is written for the workspace of its service, and due there alone', async () => {
  const world = new CoreWorld(policy({ workspace: here }));
  await world.push('one');
  const due = await dueOf(world, 'T1');
  expect(due.map(({ team }) => team)).toContain('T1');
  expect(await dueOf(world, undefined)).toEqual(due);
  for (const other of ['T2', null]) expect(await dueOf(world, other)).toEqual([]);
});

it('when a service moves, the thread of an older card stays in its workspace', async () => {
  const world = new CoreWorld(policy({ workspace: here }));
  await world.push('one');
  Object.assign(world.parts, { policies: new Map([['hello', policy({ workspace: there })]]) });
  await world.run(120_000);
  const rows = world.file.db.select().from(messages).all();
  const notes = rows.filter(({ content }) => content.kind === 'note');
  const teamOf = (key: string) => rows.find((row) => row.key === key)?.team;
  expect(notes.length).toBeGreaterThan(2);
  for (const { team, content } of notes)
    expect(team).toBe(content.kind === 'note' ? teamOf(content.card) : undefined);
  await world.do({
    do: 'request release',
    service: 'hello',
    commit: { sha: 'a'.repeat(40), ref: 'main', subject: 'Next', author: 'Ada', email: '' },
    by: double,
  });
  const [next] = world.file.db.select().from(messages).where(eq(messages.key, 'release.hello.v2')).all();
  expect(next?.team).toBe('T2');
});

it('messages of a time with one workspace belong to the first when a second comes', async () => {
  const world = new CoreWorld();
  await world.push('one');
  const before = await dueOf(world, null);
  expect(before.length).toBeGreaterThan(0);
  expect(nameWorkspace(world.file.db, 'T1')).toBe(before.length);
  expect((await dueOf(world, 'T1')).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  expect(nameWorkspace(world.file.db, 'T2')).toBe(0);
});

it('messages for a workspace that the files name no more are counted, and sent nowhere', async () => {
  const world = new CoreWorld(policy({ workspace: there }));
  await world.push('one', double);
  const due = await dueOf(world, 'T2');
  expect(due.length).toBeGreaterThan(0);
  expect(waitingElsewhere(world.file.db, ['T1', 'T2'])).toBe(0);
  for (const left of [['T1'], [undefined]]) expect(waitingElsewhere(world.file.db, left)).toBe(due.length);
});

it('what is decided for all services is told in every workspace, its author by name only in his own', async () => {
  const world = new CoreWorld(policy({ workspace: here }));
  Object.assign(world.parts, {
    admins: ['T1/UADA'],
    adminPlace: { channel: 'CADMIN', team: 'T1' },
    otherPlaces: [{ channel: 'COTHER', team: 'T2' }],
  });
  const until = world.now + 3_600_000;
  await world.do({ do: 'freeze all', service: 'all', by: ada, reason: 'fair', until });
  const drawn = await Promise.all(
    (['T1', 'T2'] as const).map(async (team) => {
      const [notice] = (await dueOf(world, team)).filter(({ content }) => content.kind === 'notice');
      const { outbox } = shownIn(
        {
          outbox: sqliteOutbox(
            world.file.db,
            () => undefined,
            () => world.now,
          ),
        } as unknown as Pipeline,
        team === 'T1' ? here : there,
        [here, there],
      );
      const told = await outbox.told(notice?.content.kind === 'notice' ? notice.content.seq : 0);
      const card = told && holdNotice(told, []);
      return `${notice?.channel}: ${JSON.stringify(card?.blocks)}`;
    }),
  );
  expect(drawn[0]).toContain('CADMIN: ');
  expect(drawn[0]).toContain('<@UADA>');
  expect(drawn[1]).toContain('COTHER: ');
  expect(drawn[1]).toContain('somebody of the workspace acme');
  expect(drawn[1]).not.toContain('UADA');
});
