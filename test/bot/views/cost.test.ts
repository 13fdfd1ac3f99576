import { expect, test } from 'vitest';
import { besideCost, imagesCost } from '../../../src/bot/views/cost.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { images } from '../../../src/bot/views/images.ts';
import { deployment, deploymentView, serving, slot, wait } from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

const prices = { currency: 'EUR', instanceHour: { aws: 0.024 }, imageMonth: { aws: 0.054 } };
const live = deployment('retire', { wait: wait('retire'), old: serving(1) });
const instance = (provider: string, id: string) => ({
  ...{ provider, id, address: 'http://10.0.0.5:8080', effect: id, generation: 1 },
});
const viewed = (provider: string, known = true) => {
  const beside = { ...serving(1), instances: [instance(provider, 'i-1'), instance(provider, 'i-2')] };
  const slots = { production: slot('production', { live: serving(2, live.id), beside }) };
  const view = deploymentView({ deployment: live, slots });
  return { ...view, policy: { ...view.policy, ...(known ? { prices } : {}) } };
};

test('the card of what is live tells what the old one beside it costs an hour', () => {
  expect(besideCost(live, viewed('aws'))).toBe(
    '💰 v1 beside it costs about 0.05 EUR an hour, until it is retired',
  );
  expect(readable(deploymentCard(viewed('aws')))).toContain('0.05 EUR an hour');
});

test('what day or month its prices are of stands beside each cost', () => {
  const view = viewed('aws');
  const policy = { ...view.policy, prices: { ...prices, asOf: '2025-06' } };
  expect(besideCost(live, { ...view, policy })).toBe(
    '💰 v1 beside it costs about 0.05 EUR an hour (prices of 2025-06), until it is retired',
  );
  const image = {
    provider: 'aws',
    id: 'ami-1',
    digest: 'sha256:1',
    manifest: 'sha256:2',
    size: 10e9,
    reused: false,
  };
  expect(imagesCost(policy.prices, [{ version: 1, image }])).toBe(
    ' They cost about 0.54 EUR a month (prices of 2025-06).',
  );
});

test('what has no known price is not told, and what stands alone costs nothing more', () => {
  expect(besideCost(live, viewed('elsewhere'))).toBeUndefined();
  expect(besideCost(live, viewed('aws', false))).toBeUndefined();
  expect(besideCost({ ...live, id: 'another' }, viewed('aws'))).toBeUndefined();
});

test('the list of images tells what they cost a month, one of two releases once', () => {
  const image = (id: string, provider = 'aws') => ({
    ...{ provider, id, digest: 'sha256:1', manifest: 'sha256:2', size: 10e9, reused: false },
  });
  const kept = [
    { version: 2, image: image('ami-1') },
    { version: 1, image: image('ami-1') },
  ];
  expect(imagesCost(prices, kept)).toBe(' They cost about 0.54 EUR a month.');
  expect(images('hello', kept, prices).text).toContain('0.54 EUR a month');
  expect(imagesCost(prices, [...kept, { version: 3, image: image('ami-2', 'elsewhere') }])).toBe('');
  expect(imagesCost(undefined, kept)).toBe('');
});
