import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countVisit } from '../../lib/visits.js';

test('without a store nothing is counted', async () => {
  assert.equal(await countVisit(undefined), null);
});

test('a store that is away is an error', async () => {
  await assert.rejects(countVisit('tcp://127.0.0.1:1'));
});
