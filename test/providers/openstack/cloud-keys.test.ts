import { describe, expect, it } from 'vitest';
import { readCloud } from '../../../src/providers/openstack/clouds-file.ts';
import { loginOf } from '../../../src/providers/openstack/credentials.ts';

const user = { OS_AUTH_URL: 'http://keystone:5000', OS_USERNAME: 'bakery', OS_PASSWORD: 'hidden' };
const project = { OS_PROJECT_ID: 'p1' };
const file = (cloud: object) => (path: string) =>
  path === 'clouds.yaml' ? JSON.stringify({ clouds: { rack: cloud } }) : undefined;
const read = (env: Record<string, string>, cloud: object = {}) =>
  readCloud({ env: { HOME: '/none', ...env }, read: file(cloud) });
const whole = {
  region_name: 'North',
  auth: {
    auth_url: 'http://keystone:5000',
    username: 'bakery',
    password: 'hidden',
    user_domain_id: 'd',
    project_id: 'p1',
  },
};
const domainsOf = (env: Record<string, string>) => loginOf(read({ ...user, ...env }));

describe('the keys of a cloud', () => {
  it('name a domain for user and project at once, by its id or its name', () => {
    const tenant = { OS_TENANT_NAME: 'shop' };
    const login = (domain: object) => ({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'bakery', domain, password: 'hidden' } },
        },
        scope: { project: { name: 'shop', domain } },
      },
    });
    expect(domainsOf({ ...tenant, OS_DEFAULT_DOMAIN: 'default' })).toEqual(login({ id: 'default' }));
    expect(domainsOf({ ...tenant, OS_DOMAIN_NAME: 'Default' })).toEqual(login({ name: 'Default' }));
    expect(domainsOf({ ...tenant, OS_DOMAIN_ID: 'd1', OS_DEFAULT_DOMAIN: 'd2' })).toEqual(
      login({ id: 'd1' }),
    );
  });

  it('of a user’s own domain stay beside one that is named for everything', () => {
    const login = domainsOf({ ...project, OS_DEFAULT_DOMAIN: 'default', OS_USER_DOMAIN_NAME: 'People' });
    expect(login).toMatchObject({
      auth: { identity: { password: { user: { domain: { name: 'People' } } } } },
    });
  });

  it('that OS variables say stand above the file, as with the OpenStack client', () => {
    const cloud = read({ OS_CLOUD: 'rack', OS_REGION_NAME: 'South', OS_PASSWORD: 'newer' }, whole);
    expect(cloud).toMatchObject({ region_name: 'South', auth: { username: 'bakery', password: 'newer' } });
  });

  it.each([
    ['OS_INTERFACE', 'internal'],
    ['OS_ENDPOINT_TYPE', 'internalURL'],
    ['OS_ENDPOINT_TYPE', 'internal'],
  ])('choose the interface by %s=%s', (variable, value) => {
    expect(read({ OS_CLOUD: 'rack', [variable]: value }, whole).interface).toBe('internal');
  });

  it('refuse an interface that no catalog has', () => {
    const told = () => read({ OS_CLOUD: 'rack', OS_ENDPOINT_TYPE: 'innerURL' }, whole);
    expect(told).toThrow(/interface/);
  });

  it('say how to log in when there is more than one way', () => {
    const env = { ...user, ...project, OS_USER_DOMAIN_ID: 'd', OS_TOKEN: 't1' };
    expect(loginOf(read(env))).toMatchObject({ auth: { identity: { methods: ['token'] } } });
    expect(loginOf(read({ ...env, OS_AUTH_TYPE: 'v3password' }))).toMatchObject({
      auth: { identity: { methods: ['password'] } },
    });
    expect(() => loginOf(read({ ...env, OS_AUTH_TYPE: 'v3applicationcredential' }))).toThrow(
      /application_credential_secret/,
    );
    expect(() => read({ ...env, OS_AUTH_TYPE: 'v3oidcpassword' })).toThrow(/auth_type is one that Bakery/);
  });

  it('may be numbers where they are names', () => {
    const auth = { ...whole.auth, project_id: undefined, project_name: 42, project_domain_id: 7 };
    expect(loginOf(read({ OS_CLOUD: 'rack' }, { ...whole, auth }))).toMatchObject({
      auth: { scope: { project: { name: '42', domain: { id: '7' } } } },
    });
  });
});
