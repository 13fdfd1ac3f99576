import assert from 'node:assert/strict';
import { test } from 'node:test';

const address = process.env.BAKERY_ADDRESS;
const get = (path) => fetch(new URL(path, address));

test('the front page tells version, greeting and environment', async () => {
  const body = await (await get('/')).json();
  assert.equal(typeof body.version, 'string');
  assert.equal(typeof body.greeting, 'string');
  assert.equal(typeof body.environment, 'string');
});

test('a person is greeted by name', async () => {
  const response = await get('/greet?name=Ada');
  assert.equal(response.status, 200);
  assert.match((await response.json()).text, /Ada!$/);
});

test('a path that does not exist is answered with 404', async () => {
  assert.equal((await get('/nothing')).status, 404);
});
