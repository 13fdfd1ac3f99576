import { createHash } from 'node:crypto';
import type { Setting, Settings } from '../pipeline/domain/settings.ts';
import type { Digest } from '../pipeline/domain/time.ts';

/** JSON with sorted keys: the same for the same values, in whatever order they were written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** The digest by which an approval is bound to settings: over values and references, not over secrets. */
export function settingsDigest(values: Record<string, Setting>): Digest {
  return `sha256:${createHash('sha256').update(canonical(values)).digest('hex')}`;
}

/** Settings as written in a file, a plain text for a value, with their digest. */
export function toSettings(
  written: Record<string, string | { secret: string; as?: 'variable' | 'file' | undefined }>,
): Settings {
  const values = Object.fromEntries(
    Object.entries(written).map(([name, value]): [string, Setting] => [
      name,
      typeof value === 'string'
        ? { value }
        : { secret: value.secret, ...(value.as === 'file' ? { file: true } : {}) },
    ]),
  );
  return { digest: settingsDigest(values), values };
}
