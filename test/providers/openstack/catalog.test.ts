import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../../src/providers/openstack/catalog.ts';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import { loginOf } from '../../../src/providers/openstack/credentials.ts';

const auth = {
  auth_url: 'http://keystone',
  username: 'a',
  user_domain_id: 'd',
  password: 'b',
  project_id: 'p',
};
const cloud = (more: object = {}) => cloudSchema.parse({ auth, ...more });
const at = (kind: string, region_id: string, url: string) => ({ interface: kind, region_id, url });
const catalog = [
  {
    type: 'image',
    endpoints: [
      at('public', 'North', 'https://image.north/'),
      at('internal', 'North', 'http://image.inside'),
      at('public', 'South', 'https://image.south/v2'),
    ],
  },
  { type: 'load-balancer', endpoints: [at('public', 'North', 'https://octavia.north/v2.0')] },
];

describe('an endpoint of the catalog', () => {
  it('is that of the region and the interface that the settings name', () => {
    const of = (more: object) => endpointOf(catalog, cloud(more), 'image');
    expect(of({ region_name: 'North' })).toBe('https://image.north/v2');
    expect(of({ region_name: 'North', interface: 'internal' })).toBe('http://image.inside/v2');
    expect(of({ region_name: 'South' })).toBe('https://image.south/v2');
  });

  it('is where the settings say, whatever the catalog has', () => {
    const told = { region_name: 'North', load_balancer_endpoint_override: 'http://here/load-balancer' };
    expect(endpointOf(catalog, cloud(told), 'load-balancer')).toBe('http://here/load-balancer/v2/lbaas');
    expect(endpointOf(catalog, cloud({ region_name: 'North' }), 'load-balancer')).toBe(
      'https://octavia.north/v2.0/lbaas',
    );
  });

  it('that is not there, or there twice, is told with what to set', () => {
    expect(() => endpointOf(catalog, cloud({ region_name: 'West' }), 'image')).toThrow(
      /no public image endpoint in region West/,
    );
    expect(() => endpointOf(catalog, cloud(), 'image')).toThrow(/more than one .* Set region_name/);
  });
});

describe('a login', () => {
  const scoped = (given: object) => loginOf({ auth: cloudSchema.parse({ auth: given }).auth });
  const url = { auth_url: 'http://keystone' };

  it('names user, project and domains by id or by name', () => {
    expect(scoped({ ...url, user_id: 'u', password: 'b', project_id: 'p' })).toEqual({
      auth: {
        identity: { methods: ['password'], password: { user: { id: 'u', password: 'b' } } },
        scope: { project: { id: 'p' } },
      },
    });
    const names = { username: 'a', user_domain_name: 'D', project_name: 'P', project_domain_id: 'e' };
    expect(scoped({ ...url, ...names, password: 'b' })).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'a', domain: { name: 'D' }, password: 'b' } },
        },
        scope: { project: { name: 'P', domain: { id: 'e' } } },
      },
    });
  });

  it('by an application credential says nothing of a project', () => {
    const credential = { application_credential_id: 'c', application_credential_secret: 's' };
    expect(scoped({ ...url, ...credential })).toEqual({
      auth: {
        identity: { methods: ['application_credential'], application_credential: { id: 'c', secret: 's' } },
      },
    });
  });
});
