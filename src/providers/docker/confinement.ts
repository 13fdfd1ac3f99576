import type { Limits } from './settings.ts';

/**
 * What every container of Bakery's is held to, whatever its image says: no capability, no way to gain rights, and the
 * operators' limits. Swap is no way round the limit of memory. No engine starts it again by itself.
 */
export const confined = ({ memory, cpus, pids }: Limits) => ({
  Init: true,
  RestartPolicy: { Name: 'no' },
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  Memory: memory,
  MemorySwap: memory,
  NanoCpus: Math.round(cpus * 1e9),
  PidsLimit: pids,
});
