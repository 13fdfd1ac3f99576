import { type BalancerRig, balancerContract } from '../contract/balancer.ts';
import { fakeBalancer } from './fake-balancer.ts';

const make = async (): Promise<BalancerRig> => {
  const balancer = fakeBalancer();
  let named = 0;
  return {
    balancer,
    frontend: async () => ({ slot: `slot${++named}.production`, port: 1 }),
    async instance() {
      const id = `instance-${++named}`;
      const instance = { provider: 'fake', id, address: `http://${id}`, effect: id, generation: 0 };
      return { instance, become: (health) => balancer.setHealth(id, health) };
    },
    send: async ({ slot }) => balancer.send(slot),
    async begin({ slot }) {
      const { instance, finish } = balancer.begin(slot);
      return { instance, finish: async () => finish() };
    },
    close: async () => undefined,
  };
};

balancerContract('fake', make, 'memory cannot be reached by a script');
