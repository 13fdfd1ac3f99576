import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../src/providers/openstack/faults.ts';
import { agreed } from '../../../src/providers/openstack/microversion.ts';

const refused = (status: number, text: string) =>
  refusalOf({ service: 'compute', doing: 'start a server', status, text, requestId: 'req-1' });

describe('a refusal of OpenStack', () => {
  it.each([
    ['Keystone', 401, '{"error":{"code":401,"message":"Log in first."}}', 'denied', 'Log in first.'],
    [
      'Nova',
      403,
      '{"forbidden":{"code":403,"message":"Quota exceeded for cores"}}',
      'quota',
      'Quota exceeded',
    ],
    ['Nova', 403, '{"forbidden":{"code":403,"message":"Policy says no."}}', 'denied', 'Policy says no.'],
    [
      'Neutron',
      409,
      '{"NeutronError":{"type":"OverQuota","message":"No more.","detail":""}}',
      'quota',
      'No more.',
    ],
    [
      'Neutron',
      409,
      '{"NeutronError":{"type":"IpAddressGenerationFailure","message":"No more IP addresses.","detail":""}}',
      'quota',
      'No more IP addresses.',
    ],
    ['Octavia', 409, '{"faultcode":"Client","faultstring":"immutable"}', 'unexpected state', 'immutable'],
    [
      'Glance',
      404,
      '{"message":"No image<br /><br />\\n","code":"404 Not Found"}',
      'unexpected state',
      'No image,',
    ],
    ['a proxy', 503, '<html><title>503</title><h1>Away</h1> for now</html>', 'busy', 'Away for now,'],
  ])('by %s (%i) is told with its words and request id', (_, status, text, fault, words) => {
    const error = refused(status, text);
    expect(error).toMatchObject({ fault, status, requestId: 'req-1' });
    expect(error.message).toContain(words);
    expect(error.message).toContain('req-1');
    expect(error.message).not.toMatch(/[<>{}]/);
  });

  it('never repeats the user data that was refused', () => {
    const data = Buffer.from('password=hidden\n'.repeat(400)).toString('base64');
    const { message } = refused(
      400,
      JSON.stringify({ badRequest: { message: `Invalid user_data: ${data}` } }),
    );
    expect(message).toContain('Invalid user_data');
    expect(message).not.toContain(data.slice(0, 12));
  });
});

describe('a microversion', () => {
  it('is the newest that both sides speak', () => {
    expect(agreed({ least: 1, most: 93 }, { least: 60, most: 90 })).toBe(90);
    expect(agreed({ least: 1, most: 79 }, { least: 60, most: 90 })).toBe(79);
    expect(agreed({ least: 1, most: 53 }, { least: 60, most: 90 })).toBeUndefined();
  });
});
