import { readFileSync } from 'node:fs';
import { openCloud } from './open.ts';
import type { Session } from './session.ts';

export interface CloudSettings {
  cloud?: string | undefined;
  cloudsFile?: string | undefined;
}

/** The session of a configuration; its connections live as long as the program. */
export function sessionOf({ cloud, cloudsFile }: CloudSettings): Session {
  const env = cloudsFile === undefined ? process.env : { ...process.env, OS_CLIENT_CONFIG_FILE: cloudsFile };
  return openCloud({ env, read: textOf }, cloud).session;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
