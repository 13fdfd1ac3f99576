import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = new URL('../../../', import.meta.url);
const sources = ['src/providers/openstack/', 'src/balancers/octavia/'].flatMap((folder) =>
  readdirSync(new URL(folder, root)).map((name) => readFileSync(new URL(`${folder}${name}`, root), 'utf8')),
);
const rules = z
  .array(z.strictObject({ service: z.string(), method: z.string(), path: z.string() }))
  .parse(JSON.parse(readFileSync(new URL('examples/openstack/access-rules.json', root), 'utf8')));

/** Where each service's interface begins, as most clouds have it. */
const begins: Record<string, string> = {
  ...{ compute: '/v2.1', image: '/v2', network: '/v2.0' },
  ...{ 'object-store': '/v1/{account}', 'load-balancer': '/v2/lbaas' },
};
/** A path without what varies in it: `/servers/{}/action`. */
const shape = (path: string): string => path.replace(/\$?\{[^}]*\}|\*\*/g, '{}');
const ruled = rules.map(({ service, path, ...rule }) => ({
  ...rule,
  service,
  path: shape(path.slice((begins[service] ?? '').length)),
}));

/** Each path that the code asks for, and the texts that it stands in. */
function asked(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of sources)
    for (const [, plain, template] of text.matchAll(/\bpath(?:: | = )(?:'(\/[^']*)'|`(\/[^`]*)`)/g)) {
      const path = shape((plain ?? template ?? '').split('?')[0] ?? '');
      // The properties of an image, in a patch of it.
      if (/op: 'add', path/.test(text) && /^\/(?:\{\})+$/.test(path)) continue;
      found.set(path, [...(found.get(path) ?? []), text]);
    }
  return found;
}

/** What stands for a name in the code: kinds of Neutron's things; and of the object store the container and what is in it. */
const named = ['/networks', '/security-groups', '/{}', '/{}/{}'];

describe('the access rules of an application credential', () => {
  it('name each path that the code asks for, and no other', () => {
    const paths = [...asked().keys()];
    expect(paths.length).toBeGreaterThan(20);
    expect([...new Set(ruled.map(({ path }) => path))].sort()).toEqual(
      [...new Set([...paths, ...named])].sort(),
    );
  });

  it('allow a method only where a file that asks for the path sends it', () => {
    const texts = asked();
    for (const { service, method, path } of ruled) {
      if (method === 'GET') continue;
      const where = service === 'object-store' ? sources : (texts.get(path) ?? []);
      expect(
        where.some((text) => text.includes(`method: '${method}'`)),
        `${method} ${path} of ${service}`,
      ).toBe(true);
    }
  });

  it('allow every method that a file sends to a path of its own service', () => {
    const methods = new Set(ruled.map(({ method }) => method));
    const sent = new Set(
      sources.flatMap((text) => [...text.matchAll(/method: '([A-Z]+)'/g)].map(([, one]) => one)),
    );
    expect([...methods].sort()).toEqual(
      [...sent, 'GET'].filter((one, at, all) => all.indexOf(one) === at).sort(),
    );
  });

  it('are no more than a role already lets an account do, and never of another project', () => {
    expect(rules.every(({ service, path }) => path.startsWith(begins[service] ?? 'nothing'))).toBe(true);
    expect(rules.some(({ path }) => path.includes('/v3'))).toBe(false);
    expect(new Set(rules.map((rule) => JSON.stringify(rule))).size).toBe(rules.length);
  });
});
