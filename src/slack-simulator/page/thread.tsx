import { Composer } from './composer.tsx';
import { useDesk } from './desk.ts';
import { inOrder, Scrolling } from './messages.tsx';
import type { PageChannel } from './wire.ts';

/** A thread beside its channel. */
export function Thread({ channel, ts, onClose }: { channel: PageChannel; ts: string; onClose(): void }) {
  const { live, me } = useDesk();
  const all = [...live.messages, ...(live.ephemerals[me.id] ?? [])];
  const list = inOrder(all, channel.id, (each) => each.ts === ts || each.thread_ts === ts);
  return (
    <aside className="thread" aria-label="Thread" data-testid="thread">
      <header className="pane-head">
        <h2>Thread</h2>
        <p># {channel.name}</p>
        <button type="button" className="close" aria-label="Close the thread" onClick={onClose}>
          ×
        </button>
      </header>
      <Scrolling list={list} empty="This message is gone." inThread />
      <Composer channel={channel} threadTs={ts} />
    </aside>
  );
}
