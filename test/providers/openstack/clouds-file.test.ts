import { describe, expect, it } from 'vitest';
import { readCloud } from '../../../src/providers/openstack/clouds-file.ts';
import { loginOf } from '../../../src/providers/openstack/credentials.ts';

const files = (texts: Record<string, string>) => (path: string) => texts[path];
const clouds = `
clouds:
  rack:
    profile: ignored
    region_name: North
    cacert: /etc/ca.pem
    auth:
      auth_url: https://keystone.example:5000/v3
      username: bakery
      user_domain_name: Default
      project_id: p1
`;

describe('the settings of a cloud', () => {
  it('are read from clouds.yaml with secure.yaml laid over it', () => {
    const read = files({
      'clouds.yaml': clouds,
      '/home/one/.config/openstack/secure.yaml': 'clouds: { rack: { auth: { password: hidden } } }',
    });
    const cloud = readCloud({ env: { OS_CLOUD: 'rack', HOME: '/home/one' }, read });
    expect(cloud).toMatchObject({ region_name: 'North', interface: 'public', cacert: '/etc/ca.pem' });
    expect(loginOf(cloud)).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'bakery', domain: { name: 'Default' }, password: 'hidden' } },
        },
        scope: { project: { id: 'p1' } },
      },
    });
  });

  it('are read from the OS variables when no cloud is named', () => {
    const env = {
      OS_AUTH_URL: 'http://127.0.0.1:5000',
      OS_APPLICATION_CREDENTIAL_ID: 'a1',
      OS_APPLICATION_CREDENTIAL_SECRET: 'hidden',
      OS_INTERFACE: 'internal',
      OS_IDENTITY_API_VERSION: '3',
    };
    const cloud = readCloud({ env, read: files({}) });
    expect(cloud.interface).toBe('internal');
    expect(loginOf(cloud)).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: 'a1', secret: 'hidden' },
        },
      },
    });
  });

  it.each([
    [
      'a cloud that no file has',
      { OS_CLOUD: 'none' },
      { 'clouds.yaml': clouds },
      /no clouds\.yaml has a cloud none/i,
    ],
    ['no address', {}, {}, /auth\.auth_url/],
    ['a file that is not YAML', { OS_CLOUD: 'rack' }, { 'clouds.yaml': 'password: "hidden' }, /is not YAML/],
    [
      'certificates unchecked',
      { OS_CLOUD: 'rack' },
      { 'clouds.yaml': `${clouds}    verify: false\n` },
      /Name the authority with cacert/,
    ],
  ])('with %s are refused in a sentence without secrets', (_, env, texts, sentence) => {
    const reading = () => readCloud({ env: { HOME: '/none', ...env }, read: files(texts) });
    expect(reading).toThrow(
      expect.objectContaining({ fault: 'bad settings', message: expect.stringMatching(sentence) }),
    );
    expect(reading).not.toThrow(/hidden/);
  });

  it('name the key that a login still needs', () => {
    const auth = {
      auth_url: 'http://127.0.0.1:5000',
      username: 'bakery',
      project_id: 'p1',
      password: 'hidden',
    };
    expect(() => loginOf({ auth })).toThrow(/user_domain_name/);
  });
});
