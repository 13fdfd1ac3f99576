import type { Task } from './contract.ts';

/** Reads everything of this installation that a provider has. Changes nothing. */
export const inventory: Task<'inventory'> = {
  kind: 'inventory',
  async run({ provider, owner }, tools, call) {
    return { is: 'done', result: { found: await tools.provider(provider).list(owner, call) } };
  },
};
