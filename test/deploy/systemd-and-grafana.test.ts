import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addStart } from '../../src/cli/start.ts';
import { createMetrics } from '../../src/ops/metrics.ts';

const root = join(import.meta.dirname, '../..');
const unit = readFileSync(join(root, 'deploy/bakery@.service'), 'utf8').split('\n');
const says = (key: string): string | undefined =>
  unit.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);

it('the systemd unit starts each role by a word that Bakery knows, and ends nothing that serves', () => {
  expect(says('ExecStart')).toBe('/usr/bin/node dist/cli.js %i --config /etc/bakery');
  const program = new Command();
  addStart(program);
  expect(program.commands.map((command) => command.name())).toEqual(['start', 'bot', 'worker']);
  expect(says('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  expect(says('KillMode')).toBe('process');
});

it('the dashboard asks for no number that Bakery does not have', async () => {
  const text = readFileSync(join(root, 'deploy/grafana-dashboard.json'), 'utf8');
  const metrics = createMetrics();
  metrics.read({
    releases: async () => ({}),
    deployments: async () => ({}),
    queue: async () => ({ waiting: 0, active: 0, delayed: 0 }),
    outboxAge: async () => 0,
  });
  const known = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  const asked = [...text.matchAll(/\b(?:bakery|process)_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(?:bucket|count)$/, ''),
  );
  expect(asked.length).toBeGreaterThan(10);
  for (const name of new Set(asked)) expect(known).toContain(name);
});
