import { deploymentCard } from '../bot/views/deployment-card.ts';
import { note } from '../bot/views/note.ts';
import { releaseCard } from '../bot/views/release-card.ts';
import type { Outbox } from '../pipeline/outbox.ts';
import type { Queries } from '../pipeline/pipeline.ts';

/**
 * A Slack that shows what the outbox brings it: it draws with the bot's own views, and compares at the end. What is lost
 * on the way to the real one is the messenger's own affair.
 */
export class Desk {
  readonly #query: Queries;
  readonly #outbox: Outbox;

  constructor(query: Queries, outbox: Outbox) {
    this.#query = query;
    this.#outbox = outbox;
  }

  /** Shows everything that is due. */
  async show(): Promise<void> {
    for (;;) {
      const due = await this.#outbox.due(100);
      if (due.length === 0) return;
      for (const { key, channel, content, revision } of due) {
        const drawn = await this.#draw(content);
        if (drawn === undefined) await this.#outbox.givenUp(key, 'there is nothing to show');
        else await this.#outbox.shown(key, { channel, ts: key, hash: drawn, revision });
      }
    }
  }

  /** Cards among these that would be drawn differently now than they are shown. */
  async wrong(keys: readonly string[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const key of keys) {
      const message = await this.#outbox.find(key);
      const drawn = message === undefined ? undefined : await this.#draw(message.content);
      if (drawn !== message?.shown)
        wrong.push(`The card ${key} shows ${message?.shown} and should show ${drawn}.`);
    }
    return wrong;
  }

  async #draw(
    content: NonNullable<Awaited<ReturnType<Outbox['find']>>>['content'],
  ): Promise<string | undefined> {
    if (content.kind === 'note') {
      const view = await this.#outbox.note(content.seq);
      const drawn = view && note(view);
      return drawn?.text;
    }
    if (content.kind === 'release card') {
      const view = await this.#query.release(content.service, content.version);
      return view && JSON.stringify(releaseCard({ ...view, expected: {} }).blocks);
    }
    // Told once; there is nothing to compare.
    if (content.kind !== 'deployment card') return content.kind;
    const view = await this.#query.deployment(content.deployment);
    return view && JSON.stringify(deploymentCard({ ...view, expected: {} }).blocks);
  }
}
