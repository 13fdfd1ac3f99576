import type { LaunchOrder } from '../../pipeline/provider.ts';
import { startingUserData } from '../cloud-init/starting.ts';

/**
 * What an instance is told. There is no service that every OpenStack cloud has to read secrets from: they come with
 * the user data, which the cloud's administrators and whoever is on the server may read.
 */
export function startData(
  { spec, mark, environment, files = {} }: Pick<LaunchOrder, 'spec' | 'mark' | 'environment' | 'files'>,
  port: number,
): Buffer {
  const secrets = Object.keys(files).map((name) => ({ name, reference: name, file: true }));
  const held = JSON.stringify(JSON.stringify(files));
  return startingUserData({
    order: { spec, mark },
    variables: { ...environment, PORT: String(port), HOST: '0.0.0.0' },
    secrets,
    reader: `import json\n\nheld = json.loads(${held})\n\ndef read(reference):\n    return held[reference]\n`,
  });
}
