import { appendFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { anchorSentence, newestAnchor } from '../ledger/anchors.ts';
import type { LedgerFile } from '../ledger/database.ts';

interface Parts {
  file: LedgerFile;
  anchors: NonNullable<Config['anchors']>;
  post(channel: string, text: string): Promise<void>;
  log: Logger;
}

/**
 * Writes the newest hash down outside of the ledger, at start and on a schedule, when it has changed: to a file, to a
 * channel, or both. What could not be written is written at the next time.
 */
export function startAnchors({ file, anchors, post, log }: Parts): () => void {
  const last = new Map<'file' | 'channel', number>();

  async function write(
    where: 'file' | 'channel',
    how: (seq: number, hash: string, at: number) => Promise<void>,
  ) {
    const anchor = newestAnchor(file.db, Date.now());
    if (anchor === undefined || last.get(where) === anchor.seq) return;
    try {
      await how(anchor.seq, anchor.hash, anchor.at);
      last.set(where, anchor.seq);
    } catch (error) {
      log.warn({ err: error, where }, 'the newest hash of the ledger could not be written down');
    }
  }

  async function all(): Promise<void> {
    const { file: path, channel } = anchors;
    if (path !== undefined) {
      await write('file', (seq, hash, at) =>
        appendFile(path, `${JSON.stringify({ seq, hash, at })}\n`, { mode: 0o600 }),
      );
    }
    if (channel !== undefined) {
      await write('channel', (seq, hash, at) => post(channel, anchorSentence({ seq, hash, at })));
    }
  }

  void all();
  const timer = setInterval(() => void all(), anchors.every);
  return () => clearInterval(timer);
}
