import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { haproxyConfiguration, placesFor } from '../../src/balancers/haproxy/configuration.ts';
import { forHaproxy } from '../../src/cli/haproxy.ts';
import { belongsIn, topKeys } from '../../src/config/belongs.ts';
import { checkConfig } from '../../src/config/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import { jsonSchemas } from '../../src/config/schemas.ts';
import { folderWith, goodBot } from './installation.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** All names of properties anywhere in a JSON Schema. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)];
}

describe('the commented example', () => {
  it('is a configuration without problems', async () => {
    expect(await loadConfig(join(root, 'examples/config'), {})).toMatchObject({ ok: true });
  });

  it.each([
    ['bot.schema.json', ['examples/config/bot.yaml', 'examples/workspaces/bot.yaml']],
    [
      'service.schema.json',
      [
        'examples/config/services/hello.yaml',
        'examples/config/services/invoices.yaml',
        'examples/workspaces/services/billing.yaml',
      ],
    ],
  ])('shows every key of %s', (schema, examples) => {
    const shown = new Set(examples.flatMap((example) => keysOf(parse(read(example)))));
    const alternatives = ['env'];
    const names = propertyNames(jsonSchemas()[schema]).filter((name) => !alternatives.includes(name));
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('the example of two Slack workspaces', () => {
  it('is a configuration without problems, each service in its own', async () => {
    const loading = await loadConfig(join(root, 'examples/workspaces'), {});
    if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
    const homes = [...loading.config.policies.values()].map(({ service, workspace }) => [
      service,
      workspace?.name,
    ]);
    expect(Object.fromEntries(homes)).toEqual({ billing: 'partner', shop: 'acme' });
  });
});

describe('the example of an OpenStack cloud', () => {
  it('is a whole configuration without problems', async () => {
    expect(await loadConfig(join(root, 'examples/openstack'), {})).toMatchObject({ ok: true });
  });
});

describe('the example of an AWS account', () => {
  it('is a configuration without problems, as the one of OpenStack', async () => {
    expect(await loadConfig(join(root, 'examples/aws'), {})).toMatchObject({ ok: true });
  });
});

describe('the example of a Docker host', () => {
  it('brings the configuration that HAProxy needs for it', async () => {
    const loading = await loadConfig(join(root, 'examples/docker'), {});
    if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
    const { settings, slots } = forHaproxy(loading.config);
    const declared = slots.map((slot) => ({ ...slot, places: placesFor(slot.count) }));
    expect(read('examples/docker/haproxy.cfg')).toBe(haproxyConfiguration({ ...settings, slots: declared }));
  });
});

describe('the published schemas', () => {
  it.each(Object.keys(jsonSchemas()))('%s is current: npm run schemas writes it', (name) => {
    expect(JSON.parse(read(`schemas/${name}`))).toEqual(jsonSchemas()[name]);
  });

  it('name the same top keys as the list that tells where a key belongs', () => {
    const tops = Object.values(jsonSchemas()).map((schema) =>
      'properties' in schema ? Object.keys(schema.properties as object).sort() : [],
    );
    expect(tops).toEqual(Object.values(topKeys).map((keys) => [...keys].sort()));
  });
});

describe('a key in the wrong file', () => {
  it('is known by the file it belongs in', () => {
    expect(belongsIn('people', 'bakery.yaml')).toContain('services/<name>.yaml');
    expect(belongsIn('approvals', 'bakery.yaml')).toContain('services/<name>.yaml');
    expect(belongsIn('suites', 'services/*.yaml')).toContain('bakery.yaml in the service');
    expect(belongsIn('slack', 'services/*.yaml')).toContain('bot.yaml');
    expect(belongsIn('nothing', 'bot.yaml')).toBeUndefined();
  });
});

describe('bakery check', () => {
  it('prints what it found, and ends with 0', async () => {
    const lines: string[] = [];
    expect(await checkConfig(join(root, 'examples/config'), (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual([
      'bot.yaml: acme, queue embedded, Slack by socket.',
      'hello: main, dev → staging → production.',
      'invoices: main, staging → production.',
      'till: main, staging → production.',
      'shop: invoices, then till, together to production.',
    ]);
  });

  it('prints every problem, and ends with 1', async () => {
    const lines: string[] = [];
    const dir = folderWith({ 'bot.yaml': `${goodBot}nam: x\n` });
    expect(await checkConfig(dir, (line) => lines.push(line))).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines.at(-1)).toBe('2 problems: Bakery does not start with this configuration.');
  });
});
