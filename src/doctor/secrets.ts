import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readSecret, secretReference } from '../config/secret.ts';
import { type Finding, well, wrong } from './finding.ts';

/** Whether each secret that Bakery's own configuration names can be read here, and whether its file is for Bakery alone. */
export async function lookAtSecrets(config: Config, workerOnly = false): Promise<Finding[]> {
  const { slack, webhooks, providers, balancers, policies } = config;
  // A worker talks to no Slack and takes no webhook.
  const ofBot = workerOnly ? [] : [slack, webhooks];
  const references = referencesIn([ofBot, providers, balancers, policies]);
  const findings = await Promise.all([...references].sort().map(lookAtSecret));
  const bad = findings.filter(({ is }) => is !== 'well');
  return bad.length > 0 ? bad : [well(`All ${references.size} secrets can be read, and by Bakery alone.`)];
}

async function lookAtSecret(reference: string): Promise<Finding> {
  try {
    await readSecret(reference);
  } catch {
    const what = `The secret ${reference} is not there, is empty, or cannot be read.`;
    return wrong(
      what,
      'What needs it fails when it comes to it: at start, or in the middle of a release.',
      reference.startsWith('env:')
        ? `Set it where Bakery runs; if its unit does (EnvironmentFile=), run bakery doctor with the same environment.`
        : 'Put it there, and let the account that runs Bakery read it.',
    );
  }
  if (!reference.startsWith('file:')) return well(`${reference} can be read.`);
  return privateFile(reference.slice('file:'.length), 'secret');
}

/** The operators' files decide who may what: nobody but their owner may write them. */
export function lookAtFilesModes(config: Pick<Config, 'dir' | 'files'>): Finding[] {
  const names = Object.keys(config.files.digests);
  const open = names.filter((name) => isWritableByOthers(statSync(join(config.dir, name))));
  if (open.length === 0)
    return [well(`${names.length} files of the configuration are written by their owner alone.`)];
  return open.map((name) =>
    wrong(
      `${join(config.dir, name)} can be written by every account of this machine.`,
      'The files grant rights and name secrets: whoever writes them may release anything.',
      `chmod o-w ${join(config.dir, name)}`,
    ),
  );
}

function privateFile(path: string, what: string): Finding {
  if ((statSync(path).mode & 0o007) === 0) return well(`${path} is closed to other accounts.`);
  return wrong(
    `The ${what} in ${path} is open to every account of this machine.`,
    'Whoever has it can do what Bakery can with it.',
    `chmod 0600 ${path}, owned by the account that runs Bakery; and change the secret if others have been here.`,
  );
}

const isWritableByOthers = ({ mode }: Stats): boolean => (mode & 0o002) !== 0;

/** Every secret reference that stands anywhere in a value. */
function referencesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    if (secretReference.safeParse(value).success) found.add(value);
  } else if (value instanceof Map) referencesIn([...value.values()], found);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) referencesIn(inner, found);
  return found;
}
