import type { LaunchOrder } from '../../pipeline/provider.ts';
import type { Starting } from '../cloud-init/starting.ts';

/**
 * What the user data of an instance is made from. There is no service that every OpenStack cloud has to read secrets
 * from: they come with it, and the cloud's administrators and whoever is on the server may read them.
 */
export function startingOf(
  { spec, mark, environment, files = {} }: Pick<LaunchOrder, 'spec' | 'mark' | 'environment' | 'files'>,
  port: number,
): Starting {
  const held = JSON.stringify(JSON.stringify(files));
  return {
    order: { spec, mark },
    variables: { ...environment, PORT: String(port), HOST: '0.0.0.0' },
    secrets: Object.keys(files).map((name) => ({ name, reference: name, file: true })),
    reader: `import json\n\nheld = json.loads(${held})\n\ndef read(reference):\n    return held[reference]\n`,
  };
}
