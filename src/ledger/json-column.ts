import { customType } from 'drizzle-orm/sqlite-core';

const most = 1_000;
const parsed = new Map<string, unknown>();

function remember(text: string, value: unknown): void {
  if (parsed.size >= most) {
    const [oldest] = parsed.keys();
    if (oldest !== undefined) parsed.delete(oldest);
  }
  parsed.set(text, value);
}

/**
 * A column of JSON. The same text gives the same object: a decision reads rows that the one before it wrote, and
 * parsing them anew was a tenth of its cost. Rows are therefore never changed in place, only replaced.
 */
export const json = <Value>() =>
  customType<{ data: Value; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (text) => {
      const known = parsed.get(text);
      if (known !== undefined) return known as Value;
      const value: Value = JSON.parse(text);
      remember(text, value);
      return value;
    },
  })();
