interface Swept {
  region: string;
  bucket: string;
  prefix: string | undefined;
}

export function leftOf(
  account: Swept,
): Promise<Record<'machines' | 'images' | 'snapshots' | 'objects' | 'parameters', string[]>>;
export function sweep(account: Swept): Promise<string[]>;

interface Door {
  arn: string;
  groups: string[];
}
type Balanced = Pick<Swept, 'region'> & { loadBalancer: string };

export function doorsOf(account: Balanced): Promise<Door[]>;
export function sweepDoors(account: Balanced, before: Door[]): Promise<string[]>;
