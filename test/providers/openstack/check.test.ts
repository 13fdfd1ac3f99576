import { describe, expect, it } from 'vitest';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { lookAtAll, rolesIn } from '../../../src/providers/openstack/check.ts';

const fails = (what: string) => ({
  what,
  look: async (): Promise<string> => {
    throw new ProviderError('denied', `No ${what}.`);
  },
});
const passes = (what: string) => ({ what, look: async () => 'there' });

async function said(...looks: { what: string; look(): Promise<string> }[]) {
  const lines: string[] = [];
  return { code: await lookAtAll('cloud', looks, (line) => lines.push(line)), lines };
}

describe('the check of a cloud', () => {
  it('names every thing that is missing, and counts them', async () => {
    const { code, lines } = await said(passes('login'), fails('flavor'), passes('network'), fails('image'));
    expect(lines).toEqual([
      'cloud, login: there',
      'cloud, flavor: MISSING. No flavor.',
      'cloud, network: there',
      'cloud, image: MISSING. No image.',
      'cloud: 2 missing.',
    ]);
    expect(code).toBe(1);
  });

  it('asks no further without a login', async () => {
    const { code, lines } = await said(fails('login'), passes('flavor'));
    expect(lines).toEqual(['cloud, login: MISSING. No login.', 'cloud: 1 missing.']);
    expect(code).toBe(1);
  });

  it('takes an account that may only read for one that lacks a role', () => {
    expect(rolesIn(['load-balancer_member', 'member'])).toBe('load-balancer_member, member');
    expect(() => rolesIn(['reader'])).toThrow(/reader, and none is member/);
    expect(() => rolesIn([])).toThrow(/none is member/);
  });
});
