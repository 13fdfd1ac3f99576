import { type FilesSeen, filesSeen } from '../decide/files.ts';
import { installationStream } from '../domain/event.ts';
import type { TextRef } from '../domain/time.ts';
import { loadClean, withoutSecrets } from './clean.ts';
import type { EngineParts } from './parts.ts';

const mostTries = 10;

/** Writes down what was seen of the operators' files; again when the facts had moved meanwhile. */
export async function recordFiles(seen: FilesSeen, parts: EngineParts, committed: () => void): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const { facts, versions } = await loadClean(parts, 'all', {});
    const texts: Record<TextRef, string> = {};
    const text = (words: string): TextRef => {
      const ref = facts.textRef(words);
      texts[ref] = words;
      return ref;
    };
    const events = filesSeen(facts.installation, seen, text);
    if (events.length === 0) return;
    const written = await parts.ledger.commit({
      at: parts.now(),
      by: seen.by,
      expect: { [installationStream]: versions[installationStream] ?? 0 },
      events,
      texts: withoutSecrets(parts, texts),
      orders: [],
      stop: [],
      ...(parts.adminPlace ?? { channel: '' }),
    });
    if (written === 'conflict') continue;
    committed();
    return;
  }
  throw new Error(`What is decided for all services moved ${mostTries} times while the files were taken.`);
}
