import { describe, expect, it } from 'vitest';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { mentioned, withNames } from '../../../src/bot/views/mentions.ts';
import { note } from '../../../src/bot/views/note.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import type { DecisionFacts, NoteView, Warning } from '../../../src/pipeline/views.ts';
import {
  ann,
  deployment,
  deploymentView,
  noon,
  policy,
  release,
  releaseView,
  serving,
  texts,
  wait,
} from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

const waiting = deployment('approve', { wait: wait('approval') });
const suites = [{ name: 'functional', passed: 40, failed: 0, failures: [], of: 2 }];
const same = { added: [], removed: [], changed: [] };
const facts: DecisionFacts = {
  live: { version: 1, since: noon - 300_000 },
  changes: {
    from: 1,
    to: 2,
    commits: {
      total: 7,
      link: 'https://github.com/acme/hello/compare/a...b',
      lines: [{ sha: 'abcdef1234', subject: 'Greet <twice>', author: 'Ann Baker' }],
    },
    image: { packages: { ...same, added: ['curl'], changed: ['node'] }, files: same },
    size: { from: 4_000_000, to: 4_200_000 },
  },
  settings: { ...same, changed: ['GREETING'] },
  lastRollback: 12_000,
  warnings: [
    { is: 'rolled back before', version: 1, environment: 'production' },
    { is: 'first in a while', after: 40 * 86_400_000 },
    { is: 'live is young', age: 300_000 },
  ],
};
const drawnWith = (decision: DecisionFacts | undefined): string =>
  readable(
    releaseCard(
      releaseView({
        release: release('done', { suites }),
        deployments: [waiting],
        ...(decision === undefined ? {} : { decisions: { [waiting.id]: decision } }),
      }),
    ),
  );

describe('the decision on a card', () => {
  it('shows commits, tests, image, settings and going back before the buttons', () => {
    const words = drawnWith(facts);
    expect(words).toContain('*To decide: v2 for production* (v1 is live there)');
    expect(words).toContain('*7 commits since v1*');
    expect(words).toContain('• `abcdef1` Greet &lt;twice&gt; · Ann Baker');
    expect(words).toContain('… and 6 more · <https://github.com/acme/hello/compare/a...b|all changes>');
    expect(words).toContain('*40 of 40 tests passed*');
    expect(words).toContain('1 package added: `curl` · 1 package changed: `node`, size 3.8 MB → 4.0 MB');
    expect(words).toContain('1 setting changed: `GREETING`');
    expect(words).toContain('Rolling back goes to v1, in seconds while it still runs');
    expect(words).toContain('the last one took 12s');
    expect(words.indexOf('To decide')).toBeLessThan(words.indexOf('Approve'));
  });

  it('warns of what an approver should stop at', () => {
    const words = drawnWith(facts);
    expect(words).toContain('This commit was rolled back before: as v1, from production.');
    expect(words).toContain('the first release there in 40 days');
    expect(words).toContain('The live one is only 5m old.');
  });

  it('names the live commits that a release of another branch would take back', () => {
    const takenBack = { total: 3, lines: [{ sha: 'fedcba4321', subject: 'Fix the till', author: 'Bob' }] };
    const changes = { from: 1, to: 2, commits: { total: 0, lines: [] }, takenBack };
    const words = drawnWith({ ...facts, changes });
    expect(words).toContain('*It takes back 3 commits of v1, which is live:*');
    expect(words).toContain('• `fedcba4` Fix the till · Bob');
    expect(drawnWith(facts)).not.toContain('takes back');
  });

  it('says which required checks are not green, or that nobody could be asked', () => {
    const warned = (warning: Warning) => drawnWith({ ...facts, warnings: [warning] });
    expect(warned({ is: 'checks', problem: 'lint failed' })).toContain(
      'lint failed. They are asked for again',
    );
    expect(warned({ is: 'checks' })).toContain('The forge could not be asked');
  });

  it('says what it does not know instead of hiding it', () => {
    const words = drawnWith({ live: { version: 1, since: noon }, warnings: [] });
    expect(words).toContain('could not be read from the repository just now');
    expect(words).toContain('could not be compared with the live one');
    expect(drawnWith(undefined)).toContain('nothing is live there yet');
  });

  it('stands on the card of a later deployment too, with a link to the release', () => {
    const card = deploymentCard(deploymentView({ deployment: waiting, decision: facts }), 'plan', {
      release: 'https://slack.example/archives/C1/p1',
    });
    expect(readable(card)).toContain('*To decide: v2 for production*');
    expect(readable(card)).toContain('<https://slack.example/archives/C1/p1|card of the release>');
  });
});

describe('who is mentioned', () => {
  const names = new Map([
    ['UANN', 'Ann "the" <Baker>'],
    ['UBOB', 'Bob'],
  ]);

  it('is only who must act; all others are named', () => {
    const card = releaseCard(releaseView({ deployments: [waiting] }));
    expect(mentioned(card).sort()).toEqual(['UANN', 'UBOB', 'UCYD']);
    const shown = withNames(card, names);
    expect(mentioned(shown).sort()).toEqual(['UBOB', 'UCYD']);
    expect(readable(shown)).toContain('asked for by Ann "the" &lt;Baker&gt;');
  });

  it('is nobody in a note that asks nobody for anything', () => {
    const view: NoteView = {
      event: { type: 'ReleaseCancelRequested', service: 'hello', version: 2, by: ann },
      at: noon,
      policy,
      texts,
    };
    const told = note(view);
    expect(told && mentioned(withNames(told, names))).toEqual([]);
  });
});

describe('what is worth a message', () => {
  const view = (messages: NoteView['policy']['messages']): NoteView => ({
    event: {
      type: 'ReleaseStageFailed',
      service: 'hello',
      version: 2,
      failure: { stage: 'build', fault: 'command failed', sentence: 'why', lines: 'lines', at: noon },
    },
    at: noon,
    policy: messages === undefined ? policy : { ...policy, messages },
    texts,
  });

  it('is chosen for each service: thread, channel, or only the card', () => {
    expect(note(view(undefined))).toMatchObject({ broadcast: true });
    expect(note(view({ thread: ['failures'], channel: [] }))).toMatchObject({ broadcast: false });
    expect(note(view({ thread: ['tests'], channel: ['failures'] }))).toBeUndefined();
  });
});

describe('a card of what may not run twice', () => {
  const plan = { ...waiting.plan, traffic: 'none' as const, overlap: false as const };

  it('says before anybody approves that the old one is stopped first', () => {
    const words = readable(
      releaseCard(
        releaseView({
          release: release('done', { suites }),
          deployments: [{ ...waiting, plan }],
          decisions: { [waiting.id]: facts },
        }),
      ),
    );
    expect(words).toContain(
      '*v1 is stopped before v2 is started* (`overlap: false`): nothing runs in between.',
    );
    expect(words).toContain('Rolling back starts v1 again from its image');
    expect(drawnWith(facts)).not.toContain('overlap');
  });

  it('says afterwards that it was', () => {
    const old = serving(1);
    const stopped = deployment('soak', { plan, old, stoppedOld: true });
    const words = readable(deploymentCard(deploymentView({ deployment: stopped })));
    expect(words).toContain('v1 was stopped before this one was started (`overlap: false`)');
    expect(words).not.toContain('requests');
  });
});
