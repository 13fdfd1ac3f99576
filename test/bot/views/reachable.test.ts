import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rollbackChoices, rollbackConfirm, versionOrRef } from '../../../src/bot/views/choices.ts';
import { decisions } from '../../../src/bot/views/decisions.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { diffView } from '../../../src/bot/views/diff.ts';
import type { Drawn } from '../../../src/bot/views/drawn.ts';
import { asModal } from '../../../src/bot/views/forms.ts';
import { candidatesOf, cannotGoBackTo } from '../../../src/bot/views/going-back.ts';
import { history } from '../../../src/bot/views/history.ts';
import { holdNotice } from '../../../src/bot/views/hold-notice.ts';
import { home } from '../../../src/bot/views/home.ts';
import { images } from '../../../src/bot/views/images.ts';
import { mentioned, withNames } from '../../../src/bot/views/mentions.ts';
import { note } from '../../../src/bot/views/note.ts';
import { notice } from '../../../src/bot/views/notice.ts';
import { overrides } from '../../../src/bot/views/overrides.ts';
import { deploymentPicture } from '../../../src/bot/views/picture.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import { status } from '../../../src/bot/views/status.ts';
import { who } from '../../../src/bot/views/who.ts';
import { why } from '../../../src/bot/views/why.ts';
import { sqliteOutbox } from '../../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../../src/ledger/queries.ts';
import { messages } from '../../../src/ledger/schema.ts';
import type { PipelineCommand } from '../../../src/pipeline/domain/command.ts';
import { messageContent } from '../../../src/slack-simulator/limits/messages.ts';
import { checkView } from '../../../src/slack-simulator/limits/views.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { words } from '../../support/arbitraries.ts';
import { commitNamed } from '../../support/core-world.ts';
import { FaultyWorld, make, move, seeded } from '../../support/moves.ts';
import { ada, bob, eve } from '../../support/policies.ts';
import { brokenLimits } from '../../support/slack-limits.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const runs = Number(process.env.BAKERY_PROPERTY_RUNS ?? 25);

/** Two checkers that know nothing of each other: the tests' own, and the simulator's, which throws as Slack refuses. */
function fits(drawing: Drawn | undefined): void {
  if (drawing === undefined) return;
  fitsAsItIs(drawing);
  // People are named as late as possible, and a name can take five times its length.
  fitsAsItIs(withNames(drawing, new Map(mentioned(drawing).map((id) => [id, '&'.repeat(80)]))));
}

function fitsAsItIs(drawing: Drawn): void {
  expect(brokenLimits(drawing)).toEqual([]);
  messageContent({ text: drawing.text, blocks: JSON.stringify(drawing.blocks) }, 'post');
  checkView(asModal(drawing), 'modal');
}

type Queries = ReturnType<typeof sqliteQueries>;

/** Every view that a person can ask for in this state of the ledger. */
async function drawAll(world: FaultyWorld, query: Queries): Promise<void> {
  const view = await query.service('hello');
  if (view === undefined) throw new Error('the service is not known');
  const past = await query.history('hello', 100);
  const releases = await defined(world.releases().map(({ version }) => query.release('hello', version)));
  const deployments = await defined(world.deploymentIds().map((id) => query.deployment(id)));
  for (const style of ['plan', 'sections'] as const) {
    for (const one of releases) fits(releaseCard(one, style));
    for (const one of deployments) fits(deploymentCard(one, style));
  }
  const open = <One>(all: One[], among: (one: One) => boolean): One[] => all.filter(among);
  const isOpen = new Set(view.open.deployments.map(({ id }) => id));
  const openDeployments = open(deployments, ({ deployment }) => isOpen.has(deployment.id));
  fits(why(view, open(releases, ({ release }) => release.state === 'running').slice(0, 10), openDeployments));
  fits(decisions(openDeployments));
  fits(status([view]));
  fits(history('hello', past));
  const candidates = candidatesOf(view, past);
  fits(rollbackChoices('hello', 'Live now.', candidates, cannotGoBackTo(view, past, candidates)));
  if (candidates.length > 0) fits(rollbackConfirm('hello', candidates));
  for (const by of [ada, bob, eve]) {
    checkView(home({ services: [view], recent: [past], now: world.now }, { by }), 'home');
  }
  const [first, last] = [releases[0], releases.at(-1)];
  if (first === undefined || last === undefined) return;
  const changes = await query.changes('hello', first.release.version, last.release.version);
  if (changes !== undefined) fits(diffView('hello', changes));
  fits(who('hello', world.now, await query.liveAt('hello', world.now)));
  fits(overrides('hello', await query.overrides('hello', 20)));
  fits(images('hello', (await query.images('hello')) ?? []));
  for (const { release } of releases) fits(versionOrRef('hello', release.version, release.commit.ref));
  for (const { deployment } of deployments) {
    const { alt, text } = deploymentPicture(deployment);
    expect(alt.length).toBeLessThanOrEqual(1000);
    fits({ text, blocks: [] });
  }
}

const defined = async <One>(all: Promise<One | undefined>[]): Promise<One[]> =>
  (await Promise.all(all)).filter((one) => one !== undefined);

/** Every note and notice that this history left in the outbox. */
async function tellAll(world: FaultyWorld): Promise<void> {
  const outbox = sqliteOutbox(
    world.file.db,
    (service) => world.parts.policies.get(service),
    () => world.now,
  );
  for (const { content } of world.file.db.select().from(messages).all()) {
    if (content.kind === 'note') {
      const view = await outbox.note(content.seq);
      fits(view && note(view));
    }
    if (content.kind !== 'notice') continue;
    const told = await outbox.told(content.seq);
    fits(told && (notice(told.event, told.texts) ?? holdNotice(told)));
  }
}

/** What people say with words of their own, one after the other: each leaves its state and its words in views. */
function said(world: FaultyWorld, outside: string, index: number): PipelineCommand {
  const service = 'hello';
  const reason = outside.slice(0, 400) || '-';
  const place = { service, environment: 'production', by: ada };
  const version = Math.max(1, world.releases().length);
  const deployment = world.ledgerSlot('production')?.open.at(-1) ?? 'hello.production.1';
  const verified = { reachable: true, breakGlass: reason };
  const all: PipelineCommand[] = [
    { do: 'lock', ...place, reason },
    { do: 'steal lock', ...place, by: bob, reason },
    { do: 'freeze', service, by: ada, reason, until: world.now + 60_000 },
    { do: 'override', ...place, version, reason, verified },
    { do: 'unfreeze', service, by: ada },
    { do: 'request release', service, commit: commitNamed(`hotfix ${index}`), by: ada, hotfix: reason },
    { do: 'stop', service, by: ada, reason },
    { do: 'give way', service, deployment, choice: 'queue', by: ada },
    { do: 'roll back', ...place, reason },
    { do: 'unlock', ...place, by: bob },
    { do: 'reject', service, deployment, by: ada, reason },
    { do: 'revoke', service, version, by: ada, reason },
  ];
  return all[index % all.length] ?? { do: 'unfreeze', service, by: ada };
}

it('no view breaks a limit of Slack, for any state that a history reaches', async () => {
  const store = directoryStore(tempFolder());
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 25 }), words, async (moves, outside) => {
      const world = new FaultyWorld();
      const { policies } = world.parts;
      const query = sqliteQueries({ db: world.file.db, store, policies, now: () => world.now });
      for (const [index, step] of moves.entries()) {
        if (step.does === 'push') {
          const commit = { ...commitNamed(`commit ${index}`), subject: outside, author: outside };
          await world.do({ do: 'request release', service: 'hello', commit, by: ada });
        } else await make(world, step, index);
        if (index % 2 === 1) {
          const answer = await world.do(said(world, outside, (index - 1) / 2 + moves.length));
          if ('accepted' in answer) accepted += 1;
        }
        await drawAll(world, query);
      }
      await tellAll(world);
    }),
    { ...seeded, numRuns: runs },
  );
  // The words reach the views.
  expect(accepted).toBeGreaterThan(runs / 2);
}, 120_000);
