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
  const [[oldest, ...surplus], port] = await Promise.all([
    floating.of(mark, signal),
    ports.ofServer(server, signal),
  ]);
  if (port === undefined) return { is: 'not yet', note: 'the server has no port yet' };
  for (const { id } of surplus) await floating.remove(id, signal);
  if (oldest?.port_id === port) return { is: 'given', address: oldest.floating_ip_address };
  call.ensureTime(2_000);
  // Made for a second copy of the server, which went.
  if (oldest !== undefined) await floating.move(oldest.id, port, signal);
  else await floating.make(await names.network(floatingNetwork, signal), port, mark, signal);
  return { is: 'not yet', note: 'it is given a floating address' };
}
