/**
 * Sends texts one at a time and only the newest of those that came meanwhile. A text that cannot be sent is lost:
 * progress is for people who look, and the next one follows.
 */
export function latestOnly(send: (text: string) => Promise<unknown>): (text: string) => void {
  let next: string | undefined;
  let sending = false;
  const drain = async (): Promise<void> => {
    sending = true;
    while (next !== undefined) {
      const text = next;
      next = undefined;
      await send(text).catch(() => {});
    }
    sending = false;
  };
  return (text) => {
    next = text;
    if (!sending) void drain();
  };
}
