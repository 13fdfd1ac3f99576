/** What a worker and its keeper write to each other: JSON texts, one a line. `id` names a command. */
export type ToKeeper =
  | { id: number; begin: { argv: string[]; cwd: string; env: Record<string, string>; timeout: number } }
  | { id: number; end: true };

export type Output = 'stdout' | 'stderr';

export type FromKeeper =
  /** The command runs in a process group of this number. */
  { id: number; group: number } | { id: number; from: Output; text: string } | { id: number; over: Over };

/** How a command ended. Nothing of its group is left. */
export type Over = { exit: number } | { killed: 'timeout' } | { killed: 'asked' } | { notStarted: string };

/** Cuts a stream of text into the JSON texts of its lines. The other side is the only one that writes there. */
export function readLines<Message>(take: (message: Message) => void): (text: string) => void {
  let open = '';
  return (text) => {
    const lines = (open + text).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line) as Message);
  };
}
