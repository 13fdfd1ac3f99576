import { describe, expect, it } from 'vitest';
import { strayIn } from '../../src/balancers/stray-slots.ts';
import { slotOfPool } from '../../src/providers/openstack/members.ts';

describe('a slot of an environment that is no more in the files', () => {
  const held = [
    { slot: 'hello.staging', members: ['one (ONLINE)'] },
    { slot: 'hello.old', members: ['two (ERROR)', 'three (ONLINE)'] },
    { slot: 'shop.old', members: [] },
  ];

  it('is named with its members and how it goes, and those of the files are not', () => {
    expect(strayIn(held, new Set(['hello.staging']), 'remove it.')).toEqual([
      expect.stringMatching(/^hello\.old is .* with two \(ERROR\), three \(ONLINE\) in it\. .*remove it\.$/),
      expect.stringMatching(/^shop\.old is .* with nobody in it/),
    ]);
    expect(strayIn(held, new Set(held.map(({ slot }) => slot)), '')).toEqual([]);
  });

  it('is told by the name that Bakery gives, and what others made is not taken for one', () => {
    expect(slotOfPool('bakery.hello.old')).toBe('hello.old');
    expect(slotOfPool('shop.old')).toBeUndefined();
  });
});
