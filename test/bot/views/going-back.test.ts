import { expect, it } from 'vitest';
import { candidatesOf, cannotGoBackTo } from '../../../src/bot/views/going-back.ts';
import type { Release } from '../../../src/pipeline/domain/release.ts';
import { noon, release, serviceView, serving, slot, texts } from '../../support/sample.ts';

const was = (version: number, over: Partial<Release> = {}): Release =>
  release('done', { version, standings: { production: { standing: 'previous', since: noon } }, ...over });

it('what was revoked, removed or rolled back itself is not offered to go back to, and the list says why', () => {
  const view = serviceView({ slots: { production: slot('production', { live: serving(6) }) } });
  const past = {
    releases: [
      was(5),
      was(4, { quarantined: { production: { since: noon, deployment: 'hello.production.9' } } }),
      was(3, { imageRemovedAt: noon }),
      was(2),
    ],
    deployments: [],
    revoked: [2],
    texts,
    now: noon,
  };
  const candidates = candidatesOf(view, past);
  expect(candidates.map(({ version }) => version)).toEqual([5]);
  expect(cannotGoBackTo(view, past, candidates)).toEqual([
    {
      version: 4,
      why: 'was rolled back from production itself; who may override says `/rollback hello v4 production "reason"`',
    },
    { version: 3, why: 'its image was removed: too old, and not pinned' },
    { version: 2, why: 'was revoked' },
  ]);
});

it('what can be gone back to in one environment is explained for the others', () => {
  const standing = { standing: 'previous' as const, since: noon };
  const view = serviceView({
    slots: { dev: slot('dev', { live: serving(6) }), production: slot('production', { live: serving(6) }) },
  });
  const left = was(5, {
    standings: { dev: standing, production: standing },
    quarantined: { production: { since: noon, deployment: 'hello.production.9' } },
  });
  const past = { releases: [left, was(4)], deployments: [], texts, now: noon };
  const candidates = candidatesOf(view, past);
  expect(candidates).toMatchObject([
    { version: 5, environment: 'dev' },
    { version: 4, environment: 'production' },
  ]);
  const why = expect.stringMatching(/^was rolled back from production itself/);
  expect(cannotGoBackTo(view, past, candidates)).toEqual([{ version: 5, why }]);
  expect(cannotGoBackTo(view, past, candidates, 'production')).toEqual([{ version: 5, why }]);
  expect(cannotGoBackTo(view, past, candidates, 'dev')).toEqual([
    { version: 4, why: 'was never live in dev' },
  ]);
});
