/**
 * What a button carries: ids to look things up again, and digests that tell a stale click. Rights never come from it.
 * Short keys, since Slack takes at most 2000 characters.
 */
export interface ButtonValue {
  service: string;
  version?: number;
  deployment?: string;
  environment?: string;
  stage?: string;
  image?: string;
  settings?: string;
  ref?: string;
  /** The images and settings of a group that a yes is for. */
  what?: string;
}

const shortKeys = {
  service: 's',
  version: 'v',
  deployment: 'd',
  environment: 'e',
  stage: 'g',
  image: 'i',
  settings: 't',
  ref: 'r',
  what: 'w',
} as const satisfies Record<keyof ButtonValue, string>;

/** The value as a button carries it. */
export function encode(value: ButtonValue): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(shortKeys)
        .map(([key, short]) => [short, value[key as keyof ButtonValue]])
        .filter(([, part]) => part !== undefined),
    ),
  );
}

/** Reads a value from outside; undefined when it is none of ours. */
export function decode(text: string | undefined): ButtonValue | undefined {
  const parts = parse(text);
  if (parts === undefined || typeof parts.s !== 'string') return undefined;
  const value: Record<string, unknown> = {};
  for (const [key, short] of Object.entries(shortKeys)) {
    const part = parts[short];
    if (part === undefined) continue;
    if (typeof part !== (key === 'version' ? 'number' : 'string')) return undefined;
    value[key] = part;
  }
  // Each part was checked above against its key's type.
  return value as unknown as ButtonValue;
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined || text.length > 3000) return undefined;
  try {
    const parts: unknown = JSON.parse(text);
    return typeof parts === 'object' && parts !== null ? { ...parts } : undefined;
  } catch {
    return undefined;
  }
}
