import { expect, it, vi } from 'vitest';
import { checkClouds } from '../../src/cli/openstack.ts';
import { openstackProviderFile } from '../../src/config/providers/openstack.ts';

const none = { providers: new Map(), balancers: new Map(), policies: new Map() };

it('says when there is no OpenStack to check', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    expect(await checkClouds(none, undefined)).toBe(0);
    expect(said).toHaveBeenCalledWith(
      'bot.yaml has no provider of kind openstack and no balancer of kind octavia.',
    );
  } finally {
    said.mockRestore();
  }
});

it('asks nobody when clouds.yaml is not there, and says so', async () => {
  const made = openstackProviderFile.parse({
    ...{ kind: 'openstack', cloud: 'acme', cloudsFile: '/none/clouds.yaml' },
    ...{ flavor: 'm1.small', network: 'private' },
  });
  const providers = new Map([['cloud', made]]);
  await expect(checkClouds({ ...none, providers }, undefined)).rejects.toMatchObject({
    fault: 'bad settings',
    message: 'No clouds.yaml has a cloud acme. Name one that is there.',
  });
});
