import { describe, expect, it } from 'vitest';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { deployment, deploymentView, failure, noon, serving, slot } from '../../support/sample.ts';
import { labels, readable } from '../../support/slack-limits.ts';

describe('the card of a deployment', () => {
  it('says that a rollback needs no build and which version it leaves', () => {
    const back = deployment('launch', { kind: 'rollback', version: 1, old: serving(2), reason: 'reason' });
    const card = deploymentCard(deploymentView({ deployment: back }));
    expect(readable(card)).toContain('🔄 Rollback to hello v1 · starting in production');
    expect(readable(card)).toContain('(from v2). It runs from its original image: no build, no bake.');
    expect(readable(card)).toContain('reason: _the migration has to go first_');
    expect(labels(card)).toEqual(['Cancel']);
  });

  it('says after going back by itself what is live and why', () => {
    const failed = deployment('soak', {
      state: 'went back',
      old: serving(1),
      failure: { ...failure, stage: 'soak' },
      endedAt: noon,
    });
    const card = deploymentCard(
      deploymentView({ deployment: failed, slots: { production: slot('production', { live: serving(1) }) } }),
    );
    expect(card.text).toContain('hello v2: failed in production, went back to v1.');
    expect(readable(card)).toContain('v1 got its traffic back.');
    expect(card.final).toBe(true);
  });
});
