import { expect, test } from 'vitest';
import { haproxyConfiguration } from '../../../src/balancers/haproxy/configuration.ts';
import { missingDirectives } from '../../../src/balancers/haproxy/directives.ts';

const stateDir = '/var/lib/haproxy/bakery';
const ready = haproxyConfiguration({
  socket: '/run/haproxy/admin.sock',
  stateDir,
  host: '127.0.0.1',
  slots: [{ slot: 'shop.production', port: 8001, places: 8 }],
});
const missing = (text: string): string[] => missingDirectives(text, stateDir, ['shop.production']);

test('the ready configuration lacks nothing', () => {
  expect(missing(ready)).toEqual([]);
});

test.each([
  ['server-state-base', `needs \`server-state-base ${stateDir}\``],
  ['load-server-state-from-file', 'a reload forgets who serves'],
  ['option idle-close-on-response', '`frontend shop.production` (or its defaults) needs'],
  ['option http-server-close', 'costs a request'],
  ['option allbackups', 'stands by when the new release dies'],
  ['default_backend', 'nobody reaches it'],
])('a configuration without %s is told so', (directive, sentence) => {
  const without = ready
    .split('\n')
    .filter((line) => !line.trim().startsWith(directive))
    .join('\n');
  expect(missing(without)).toEqual([expect.stringContaining(sentence)]);
});

test('a directive may stand in the section itself, and a comment is none', () => {
  const moved = ready
    .replace('    option idle-close-on-response\n', '    # option idle-close-on-response\n')
    .replace('frontend shop.production\n', 'frontend shop.production\n    option idle-close-on-response\n');
  expect(missing(moved)).toEqual([]);
});

test('a frontend that chooses by host counts as the way to a slot', () => {
  const shared = ready.replace(
    'default_backend bakery.shop.production',
    'use_backend bakery.shop.production if { hdr(host) shop.example.com }',
  );
  expect(missing(shared)).toEqual([]);
});
