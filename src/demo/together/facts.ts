import { openLedgerFile } from '../../ledger/database.ts';
import { tableRows } from '../../ledger/rows.ts';
import type { GroupRelease } from '../../pipeline/domain/group.ts';
import type { At } from '../../pipeline/domain/time.ts';

/** What the ledger says of the shop at a moment. */
export interface ShopFacts {
  group(number: number): GroupRelease | undefined;
  /** What a service runs in production, and since when. */
  live(service: string): { version: number; since: At } | undefined;
  /** Whether nothing of a service is under way in production but its retiring. */
  isQuiet(service: string): boolean;
}

export function shopFacts(data: string): ShopFacts {
  const file = openLedgerFile(data);
  try {
    const rows = tableRows(file.db);
    const slots = new Map(
      ['invoices', 'menu'].map((service) => [service, rows.slot(service, 'production')] as const),
    );
    const groups = new Map([1, 2, 3].map((number) => [number, rows.group('shop', number)] as const));
    return {
      group: (number) => groups.get(number),
      live: (service) => slots.get(service)?.live,
      isQuiet: (service) => slots.get(service)?.lease === undefined,
    };
  } finally {
    file.close();
  }
}
