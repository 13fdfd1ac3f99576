import { expect, test } from 'vitest';
import { buildOf, serviceFile } from './builds-world.ts';

test('an image that the operators do not allow builds nothing', async () => {
  const { outcome } = await buildOf(serviceFile('0'), { images: ['golang:1.24', 'node:22-*'] });
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'denied' } });
  if (outcome.is !== 'failed') return;
  expect(outcome.failure.sentence).toContain('worker.builds.images');
});

test('an image that is nowhere is the fault "unknown image" or "unreachable", and builds nothing', async () => {
  const { outcome } = await buildOf(serviceFile('0', { image: '127.0.0.1:9/no/such:1' }), { images: ['*'] });
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'unreachable' } });
});

test('a build outside of a builder image is refused where operators want none on the worker', async () => {
  const text = serviceFile('0').replace(/ {2}image:.*\n/, '');
  const { outcome } = await buildOf(text, { only: true });
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.fault).toBe('denied');
  expect(outcome.failure.sentence).toContain('set build.image');
});
