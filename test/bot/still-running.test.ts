import { expect, it } from 'vitest';
import { revokeAnswer } from '../../src/bot/commands/hold.ts';
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

/** v1 of another service runs from the image that is revoked. */
function otherRuns() {
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
  return { pipeline, query, revocation };
}

it('the notice of a revoked image lists what still runs from it, of any service, with what to do', async () => {
  const { query, revocation } = otherRuns();
  const running = await stillRunning(query, revocation);
  expect(running).toEqual(['*other v1* in *production*: release a newer version, or `/rollback other`']);
  const event = { type: 'ImageRevoked', service: 'hello', revocation } as const;
  expect(readable(holdNotice({ event, texts }, running) ?? {})).toContain(
    'It still runs: *other v1* in *production*',
  );
});

it('the answer to a revocation names what other services still run from it', async () => {
  const { pipeline, query, revocation } = otherRuns();
  pipeline.answer = () => ({ accepted: true, sentence: 'The image of hello v2 is revoked.' });
  const installation = () => ({ freezes: [], revoked: [revocation] });
  const bot = { pipeline: { ...pipeline, query: { ...query, installation } }, wake: () => undefined };
  const order = { service: 'hello', version: 2, reason: 'bad library' };
  const answer = await revokeAnswer(bot, order, ann);
  expect(answer.text).toContain(
    'Of other services: *other v1* in *production*: release a newer version, or `/rollback other`.',
  );
});
