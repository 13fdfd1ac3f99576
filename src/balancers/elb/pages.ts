/** All that a describing call of ELB tells, page by page. */
export async function everyPage<Item>(
  ask: (from: string | undefined) => Promise<[Item[] | undefined, string | undefined]>,
): Promise<Item[]> {
  const found: Item[] = [];
  let from: string | undefined;
  do {
    const [items = [], next] = await ask(from);
    found.push(...items);
    from = next === '' ? undefined : next;
  } while (from !== undefined);
  return found;
}
