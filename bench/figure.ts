/** One number that is promised: at most `limit` (or at least, where more is better). */
export interface Figure {
  name: string;
  value: number;
  limit: number;
  unit: string;
  ok: boolean;
}

export const atMost = (name: string, value: number, limit: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  limit,
  unit,
  ok: value <= limit,
});

export const atLeast = (name: string, value: number, limit: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  limit,
  unit,
  ok: value >= limit,
});

/** Measured, and promised nowhere: for the reader. */
export const seen = (name: string, value: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  limit: 0,
  unit,
  ok: true,
});

const rounded = (value: number): number => Number(value.toPrecision(4));

export const median = (values: number[]): number => quantile(values, 0.5);

/** The value below which a share of the values lies (nearest rank). */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
