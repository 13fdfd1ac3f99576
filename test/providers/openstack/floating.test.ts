import { describe, expect, it } from 'vitest';
import { described, describing } from '../../../src/providers/openstack/describing.ts';
import { floatingId } from '../../../src/providers/openstack/floating.ts';
import { reachedAt } from '../../../src/providers/openstack/placing.ts';

const mark = {
  ...{
    owner: '0f8d2c3e-6a53-4c1c-9d0e-0c1f5b7a9e11',
    service: 'hello',
    version: 12,
    environment: 'production',
  },
  ...{ effect: 'launch.hello.production.12.1', generation: 2, epoch: 7 },
};

describe('a floating address', () => {
  it('says in its description whose it is', () => {
    expect(described(describing(mark))).toEqual(mark);
  });

  it.each(['', 'the door of the shop', '{"bakery":"x"}', '{"bakery":1}', '[]'])(
    'that says %j is nobody of ours',
    (text) => {
      expect(described(text)).toBeUndefined();
    },
  );

  it('that could not say whose it is is not made', () => {
    const long = { ...mark, service: 's'.repeat(200) };
    expect(() => describing(long)).toThrow(/Neutron takes 255/);
  });

  it('is told from a server by its id', () => {
    expect(floatingId('floating-1234')).toBe('1234');
    expect(floatingId('1234')).toBeUndefined();
  });

  it('is where an instance is reached when the settings say so', () => {
    const server = { addresses: { private: [{ addr: '10.0.0.5', version: 4 }] } };
    expect(reachedAt({ address: 'fixed', port: 80 }, server, '203.0.113.9')).toBe('http://10.0.0.5:80');
    expect(reachedAt({ address: 'floating', port: 80 }, server, '203.0.113.9')).toBe('http://203.0.113.9:80');
    expect(reachedAt({ address: 'floating', port: 80 }, server, undefined)).toBeUndefined();
  });
});
