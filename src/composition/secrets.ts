import { readSecret } from '../config/secret.ts';
import { hideInLogs } from '../ops/log.ts';

/** Reads a secret by its reference; from then on the logs hide its value. Throws when it is not there. */
export async function secretOf(reference: string): Promise<string> {
  const value = await readSecret(reference);
  hideInLogs(value);
  return value;
}
