import { expect, test } from 'vitest';
import { childEntry } from '../src/child-entry.ts';

test('from source, a child starts from the compiled file at the same place', () => {
  expect(childEntry('file:///app/src/balancers/embedded/index.ts', './main.js')).toBe(
    '/app/dist/balancers/embedded/main.js',
  );
});

test('from the compiled product, a child starts from the file beside it', () => {
  expect(childEntry('file:///app/dist/balancers/embedded/index.js', './main.js')).toBe(
    '/app/dist/balancers/embedded/main.js',
  );
});
