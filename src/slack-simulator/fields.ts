import type { Fields } from './types.ts';

/** Whether a value is a plain object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object, or an empty one. */
export function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The objects of a list; what is no object is left out. */
export function asList(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The field as text; numbers as they print; undefined when it is absent or empty. */
export function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The field as a yes: `true`, "true" or "1", since forms carry text only. */
export function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** Reads JSON, or gives undefined when it is none. */
export function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
