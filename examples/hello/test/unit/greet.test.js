import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greet } from '../../lib/greet.js';

test('a name is greeted', () => {
  assert.equal(greet('Hello', 'Ada'), 'Hello, Ada!');
});

test('nobody is greeted as a stranger', () => {
  assert.equal(greet('Hello', '  '), 'Hello, stranger!');
});

test('a long name is cut at 40 characters', () => {
  assert.equal(greet('Hi', 'x'.repeat(100)), `Hi, ${'x'.repeat(40)}!`);
});
