interface Swept {
  region: string;
  bucket: string;
  prefix: string | undefined;
}

export function leftOf(
  account: Swept,
): Promise<{ machines: string[]; images: string[]; snapshots: string[]; objects: string[] }>;
export function sweep(account: Swept): Promise<string[]>;
