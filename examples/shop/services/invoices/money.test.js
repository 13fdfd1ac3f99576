import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../../libs/money.js';

test('an invoice comes to the sum of its lines', () => {
  assert.equal(
    total([
      { cents: 250, count: 2 },
      { cents: 100, count: 1 },
    ]),
    600,
  );
  assert.equal(total([]), 0);
});
