import { ProviderError } from '../../pipeline/provider.ts';
import { type Look, lookAtAll } from '../../providers/openstack/check.ts';
import type { Session } from '../../providers/openstack/session.ts';
import { Octavia } from './octavia.ts';

const patience = 60_000;

/** `bakery check openstack`, for one balancer. */
export function checkOctavia(
  name: string,
  loadBalancer: string,
  session: Session,
  print: (line: string) => void,
): Promise<0 | 1> {
  const signal = AbortSignal.timeout(patience);
  const looks: Look[] = [
    { what: 'login', look: async () => `project ${await session.project(signal)}` },
    { what: 'catalog, load-balancer', look: () => session.endpoint('load-balancer', signal) },
    {
      what: 'load balancer',
      async look() {
        const changing = await new Octavia(session, loadBalancer).changing({ signal });
        const found = await changing.look({ signal });
        const { provisioning_status: status, vip_address: address, tags } = found;
        if (status === 'ERROR')
          throw new ProviderError(
            'unexpected state',
            `Octavia says that it is ${status}, and takes no change. A failover by the cloud's operators brings it back.`,
          );
        if (tags === undefined)
          throw new ProviderError(
            'bad settings',
            'This Octavia has no tags, which came with version 2.5 of its interface. Bakery cannot use it.',
          );
        return `${found.id} at ${address} is ${status}`;
      },
    },
  ];
  return lookAtAll(name, looks, print);
}
