import type { Mark } from '../../pipeline/domain/task.ts';
import type { Call } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud-parts.ts';

type Given = { is: 'given'; address: string | undefined } | { is: 'not yet'; note: string };

/** Gives a server a floating address, or finds the one it has; none where the settings name no network of them. */
export async function givenFloating(
  { settings, names, floating, ports }: Cloud,
  server: string,
  mark: Mark,
  call: Call,
): Promise<Given> {
  const { signal } = call;
  const { floatingNetwork } = settings;
  if (floatingNetwork === undefined) return { is: 'given', address: undefined };
  const [oldest, ...surplus] = await floating.of(mark, signal);
  if (oldest !== undefined) {
    for (const { id } of surplus) await floating.remove(id, signal);
    return { is: 'given', address: oldest.floating_ip_address };
  }
  const port = await ports.ofServer(server, signal);
  if (port === undefined) return { is: 'not yet', note: 'the server has no port yet' };
  const network = await names.network(floatingNetwork, signal);
  call.ensureTime(2_000);
  await floating.make(network, port, mark, signal);
  return { is: 'not yet', note: 'it is given a floating address' };
}
