import { useEffect, useState } from 'react';
import type { PanelState } from '../options.ts';
import type { PageChange, Snapshot } from './wire.ts';

/** The snapshot, kept up to date by the server's stream, and whether that stream is open. */
export function useLive(): { readonly live: Snapshot | undefined; readonly connected: boolean } {
  const [live, setLive] = useState<Snapshot>();
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const source = new EventSource(`/page/events?since=${Date.now()}`);
    const on = <T>(name: string, use: (data: T) => void) =>
      source.addEventListener(name, (event) => use(JSON.parse(event.data)));
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    on<Snapshot>('snapshot', setLive);
    on<PageChange[]>('changes', (changes) =>
      setLive((old) => (old === undefined ? old : changes.reduce(changed, old))),
    );
    on<PanelState>('panel', (state) =>
      setLive((old) => (old?.panel ? { ...old, panel: { ...old.panel, state } } : old)),
    );
    return () => source.close();
  }, []);
  return { live, connected };
}

function changed(old: Snapshot, change: PageChange): Snapshot {
  switch (change.kind) {
    case 'message': {
      const others = old.messages.filter(({ ts, channel }) => ts !== change.ts || channel !== change.channel);
      return { ...old, messages: change.message === null ? others : [...others, change.message] };
    }
    case 'ephemeral':
      return { ...old, ephemerals: { ...old.ephemerals, [change.user]: change.ephemerals } };
    case 'view':
      return { ...old, views: { ...old.views, [change.user]: change.views } };
    case 'channel':
      return { ...old, channels: change.channels };
  }
}
