import { expect, it } from 'vitest';
import { stillRunning } from '../../src/bot/still-running.ts';
import { holdNotice } from '../../src/bot/views/hold-notice.ts';
import { fakePipeline } from '../support/fake-pipeline.ts';
import {
  ann,
  deployment,
  deploymentView,
  noon,
  serviceView,
  serving,
  slot,
  texts,
} from '../support/sample.ts';
import { readable } from '../support/slack-limits.ts';

it('the notice of a revoked image lists what still runs from it, of any service, with what to do', async () => {
  const pipeline = fakePipeline(() => noon);
  const query = { ...pipeline.query, services: () => ['hello', 'other'] };
  const one = deployment('done');
  pipeline.deployments.set('other.production.1', deploymentView({ deployment: one }));
  const other = slot('production', { service: 'other', live: serving(1, 'other.production.1') });
  pipeline.services.set('other', serviceView({ slots: { production: other } }));
  pipeline.services.set(
    'hello',
    serviceView({ slots: { production: slot('production', { live: serving(9) }) } }),
  );
  const revocation = {
    service: 'hello',
    version: 2,
    images: [one.image],
    by: ann,
    at: noon,
    reason: 'reason',
  };
  const running = await stillRunning(query, revocation);
  expect(running).toEqual(['*other v1* in *production*: release a newer version, or `/rollback other`']);
  const event = { type: 'ImageRevoked', service: 'hello', revocation } as const;
  expect(readable(holdNotice({ event, texts }, running) ?? {})).toContain(
    'It still runs: *other v1* in *production*',
  );
});
