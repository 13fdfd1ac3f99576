/** Waits until the condition holds; throws with what was waited for after `within` milliseconds. */
export async function until(what: string, holds: () => boolean, within = 8_000): Promise<void> {
  const end = Date.now() + within;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
