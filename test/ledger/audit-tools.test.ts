import { eq, gt, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { who } from '../../src/bot/views/who.ts';
import { anchorProblems, newestAnchor, parseAnchors } from '../../src/ledger/anchors.ts';
import { audit } from '../../src/ledger/audit.ts';
import { linkHash } from '../../src/ledger/chain.ts';
import { eraseTexts, textsWith } from '../../src/ledger/erase.ts';
import { columns, csvLine, exported } from '../../src/ledger/export.ts';
import { liveAt } from '../../src/ledger/live-at.ts';
import { events, texts } from '../../src/ledger/schema.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, eve } from '../support/policies.ts';

async function lived(): Promise<CoreWorld> {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  await world.approve('hello.production.1', eve);
  await world.approve('hello.production.1', ada);
  await world.run(30_000);
  return world;
}
const db = (world: CoreWorld) => world.file.db;
const problems = (world: CoreWorld) => audit(db(world)).problems.join('\n');

describe('verifying the ledger', () => {
  it('names a row that was changed, also one whose body cannot be read any more', async () => {
    for (const body of ['{"type":"ReleasePromoted"}', 'garbage']) {
      const world = await lived();
      db(world).update(events).set({ body }).where(eq(events.seq, 5)).run();
      expect(problems(world)).toContain('Event 5 ');
    }
  });

  it('names rows that were added, removed, or put in another order', async () => {
    const added = await lived();
    const last = db(added).select().from(events).where(eq(events.seq, 9)).get();
    if (last === undefined) throw new Error('there is no event 9');
    db(added)
      .insert(events)
      .values({ ...last, seq: 9_999, version: 9_999 })
      .run();
    expect(problems(added)).toContain('Event 9999 ');
    const swapped = await lived();
    db(swapped).run(
      sql`UPDATE events SET seq = CASE seq WHEN 6 THEN -7 WHEN 7 THEN -6 END WHERE seq IN (6, 7)`,
    );
    db(swapped).run(sql`UPDATE events SET seq = -seq WHERE seq < 0`);
    expect(problems(swapped)).toMatch(/Event 6 .*\n?.*Event 7 /);
  });

  it('names a text that is not what its event named', async () => {
    const world = await lived();
    db(world).update(texts).set({ words: 'something else' }).where(eq(texts.words, 'Change one')).run();
    expect(problems(world)).toMatch(/The text t[0-9a-f]{40} was changed/);
  });

  it('names a text that was removed, emptied without an event, or added', async () => {
    const subject = eq(texts.words, 'Change one');
    const removed = await lived();
    db(removed).delete(texts).where(subject).run();
    expect(problems(removed)).toMatch(/The text t[0-9a-f]{40}, which event \d+ names, was removed/);
    const emptied = await lived();
    db(emptied).update(texts).set({ words: null }).where(subject).run();
    expect(problems(emptied)).toMatch(
      /The words of the text t[0-9a-f]{40} were taken away, and no event erased/,
    );
    const added = await lived();
    const { file, ledger } = added;
    expect(audit(file.db).problems).toEqual([]);
    const { facts } = await ledger.load('hello', {});
    file.db
      .insert(texts)
      .values({ ref: facts.textRef('not of ours'), words: 'not of ours' })
      .run();
    expect(problems(added)).toMatch(/The text t[0-9a-f]{40} was added: no event names it/);
  });

  it('notices a tail that was cut only by an anchor, and a ledger that was rewritten too', async () => {
    const world = await lived();
    const anchor = newestAnchor(db(world), 5);
    if (anchor === undefined) throw new Error('there is no anchor');
    const { anchors } = parseAnchors(`${JSON.stringify(anchor)}\n`);
    expect(anchorProblems(db(world), anchors)).toEqual([]);
    rewrite(world, 3);
    expect(anchorProblems(db(world), anchors)[0]).toContain('the ledger was rewritten');
    db(world)
      .delete(events)
      .where(gt(events.seq, anchor.seq - 1))
      .run();
    expect(anchorProblems(db(world), anchors)[0]).toContain('the end of the ledger was cut');
  });

  it('says which line of the anchors cannot be read', () => {
    expect(parseAnchors('{"seq":1}\n\nnot json').problems).toEqual([
      'Line 1 of the anchors cannot be read: it was cut or changed.',
      'Line 3 of the anchors cannot be read: it was cut or changed.',
    ]);
  });
});

/** What somebody would do who can write: changes an event, and makes the chain fit from there on. */
function rewrite(world: CoreWorld, from: number): void {
  const rows = db(world).select().from(events).orderBy(events.seq).all();
  let hash = rows[from - 2]?.hash ?? '';
  for (const row of rows.slice(from - 1)) {
    const at = row.seq === from ? row.at + 1 : row.at;
    hash = linkHash(hash, { ...row, at });
    db(world).update(events).set({ at, hash }).where(eq(events.seq, row.seq)).run();
  }
}

describe('the audit trail', () => {
  it('tells of every yes and every no, with place, role and what it was bound to', async () => {
    const world = await lived();
    expect(world.trail().map(({ command, outcome, by }) => [command, outcome, by])).toEqual([
      ['request release', 'accepted', ada],
      ['approve', 'not allowed', eve],
      ['approve', 'accepted', ada],
    ]);
    expect(world.trail()[2]).toMatchObject({
      about: { deployment: 'hello.production.1', settings: 'sha256:production' },
      grants: [{ right: 'approve', environment: 'production', through: 'T1/UADA' }],
    });
  });

  it('is exported since a time, as JSON and as CSV that no spreadsheet runs', async () => {
    const world = await lived();
    const lines = [...exported(db(world), 0)];
    expect(lines).toHaveLength(audit(db(world)).events);
    expect([...exported(db(world), world.now + 1)]).toEqual([]);
    expect(lines.find(({ outcome }) => outcome === 'not allowed')).toMatchObject({
      actor: 'T1/UEVE',
      command: 'approve',
      words: expect.stringContaining('You may not approve hello'),
    });
    expect(csvLine(columns)).toBe('seq,at,actor,type,stream,command,outcome,body,words,hash\r\n');
    expect(csvLine(['=1+1', 'a "b"', 'c,d', 7])).toBe(`'=1+1,"a ""b""","c,d",7\r\n`);
  });

  it('loses words that were erased, keeps its chain, and tells who erased them', async () => {
    const world = await lived();
    await world.do({ do: 'reject', service: 'hello', deployment: 'gone', reason: 'x', by: ada });
    const found = textsWith(world.file, 'CHANGE ONE');
    expect(found.map(({ words }) => words)).toEqual(['Change one']);
    eraseTexts(world.file, found, { kind: 'operator', account: 'root' }, world.now);
    expect(textsWith(world.file, 'Change one')).toEqual([]);
    expect(audit(db(world)).problems).toEqual([]);
    expect([...exported(db(world), 0)].at(-1)).toMatchObject({ type: 'TextErased', actor: 'operator/root' });
    expect([...exported(db(world), 0)][0]?.words).toContain('[erased]');
  });

  it('answers what was live at a time, and who approved it', async () => {
    const world = await lived();
    const liveSince = world.slot('production').live?.since ?? 0;
    const places = ['dev', 'production'];
    expect(liveAt(db(world), 'hello', places, liveSince - 1).map(({ environment }) => environment)).toEqual([
      'dev',
    ]);
    const found = liveAt(db(world), 'hello', places, liveSince);
    expect(found[1]).toMatchObject({ environment: 'production', serving: { version: 1 } });
    expect(found[1]?.deployment?.approvals).toMatchObject([{ by: ada }]);
    expect(liveAt(db(world), 'hello', places, 1)).toEqual([]);
  });

  it('answers after repairs who approved what they started again', async () => {
    const world = await lived();
    await world.run(60_000);
    for (const _repair of [1, 2]) {
      world.running.clear();
      await world.upkeep(120_000);
    }
    expect(world.deployment(world.slot('production').live?.deployment ?? '').kind).toBe('repair');
    const [found] = liveAt(db(world), 'hello', ['production'], world.now);
    expect(found?.deployment).toMatchObject({ kind: 'release', approvals: [{ by: ada }] });
    const said = JSON.stringify(who('hello', world.now, found === undefined ? [] : [found]));
    expect(said).toContain('approved by <@');
    expect(said).not.toContain('without approval');
  });
});
