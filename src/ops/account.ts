import { keeper } from '../keeper/keeper.ts';

/** The name of an account of this machine by its number; undefined when the machine does not know it. */
export async function accountOfUid(uid: number): Promise<string | undefined> {
  let name = '';
  const order = {
    argv: ['id', '-un', String(uid)],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '' },
    timeout: 5_000,
  };
  const over = await keeper().run(order, (from, text) => {
    if (from === 'stdout') name += text;
  }).over;
  return 'exit' in over && over.exit === 0 ? name.trim() || undefined : undefined;
}
