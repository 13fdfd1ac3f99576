import { ProviderError } from '../../pipeline/provider.ts';
import { readCloud, type Surroundings } from './clouds-file.ts';
import { httpExchange } from './exchange.ts';
import { Session } from './session.ts';

/** A session with the cloud `name` over connections of its own; `close` ends them. Throws `bad settings`. */
export function openCloud(
  surroundings: Surroundings,
  name?: string,
): { session: Session; close(): Promise<void> } {
  const cloud = readCloud(surroundings, name);
  const ca = cloud.cacert === undefined ? undefined : surroundings.read(cloud.cacert);
  if (cloud.cacert !== undefined && ca === undefined)
    throw new ProviderError(
      'bad settings',
      `The file ${cloud.cacert} of cacert is not there. Correct its path.`,
    );
  const exchange = httpExchange(ca);
  return { session: new Session(cloud, { exchange, now: Date.now }), close: exchange.close };
}
