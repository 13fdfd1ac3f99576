import assert from 'node:assert/strict';
import { test } from 'node:test';

const address = process.env.BAKERY_ADDRESS;

test('clients of the first version still find their fields', async () => {
  const body = await (await fetch(new URL('/', address))).json();
  for (const field of ['version', 'greeting', 'environment', 'pid'])
    assert.ok(field in body, `${field} is gone`);
});

test('a secret is never shown', async () => {
  const text = await (await fetch(new URL('/', address))).text();
  assert.doesNotMatch(text, /token"/i);
});

test('a name that is not well encoded is no reason to fall over', async () => {
  const response = await fetch(`${address}/greet?name=%E0%A4%A`);
  assert.equal(response.status, 200);
});
