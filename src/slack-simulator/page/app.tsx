import { useEffect, useState } from 'react';
import { Composer } from './composer.tsx';
import { type Desk, DeskContext } from './desk.ts';
import { Home } from './home.tsx';
import { MessageList } from './messages.tsx';
import { Modal } from './modal.tsx';
import { Panel } from './panel.tsx';
import { Sidebar } from './sidebar.tsx';
import { useLive } from './store.ts';
import { Thread } from './thread.tsx';
import { act, type PageChannel, type Snapshot } from './wire.ts';

/** The whole page. */
export function App() {
  const { live, connected } = useLive();
  if (live === undefined) {
    return <p className="waiting">{connected ? 'Loading …' : 'Waiting for the simulator …'}</p>;
  }
  return <Workspace live={live} connected={connected} />;
}

const HOME = 'home';

function Workspace({ live, connected }: { live: Snapshot; connected: boolean }) {
  const [meId, setMeId] = useState(() => localStorage.getItem('me') ?? '');
  const [place, setPlace] = useState(() => placeInAddress()?.channel ?? live.channels[0]?.id ?? HOME);
  const [thread, setThread] = useState<string>();
  const [trouble, setTrouble] = useState<string>();
  const me = live.people.find((person) => person.id === meId) ?? live.people[0];
  useEffect(() => {
    const follow = () => {
      const found = placeInAddress();
      if (found === undefined) return;
      setPlace(found.channel);
      const message = live.messages.find(
        ({ ts, channel }) => channel === found.channel && ts.replace('.', '') === found.digits,
      );
      if (message !== undefined) setThread(message.thread_ts ?? message.ts);
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [live.messages]);
  if (me === undefined) return <p className="waiting">This workspace has no people.</p>;

  const visible = live.channels.filter((channel) => channel.members.includes(me.id));
  const channel = visible.find((each) => each.id === place);
  const desk: Desk = {
    live,
    me,
    async act(gesture) {
      setTrouble(undefined);
      const reply = await act({ as: me.id, ...gesture });
      const words = reply.ok ? reply.result?.error : reply.error;
      const isShownElsewhere =
        gesture.gesture === 'command' || (reply.ok && reply.result?.errors !== undefined);
      if (words !== undefined && !(reply.ok && isShownElsewhere)) setTrouble(words);
      return reply;
    },
    openThread(inChannel, ts) {
      setPlace(inChannel);
      setThread(ts);
    },
  };
  const go = (where: string) => {
    setPlace(where);
    setThread(undefined);
    setTrouble(undefined);
    if (where === HOME) void desk.act({ gesture: 'openHome' });
  };
  const switchTo = (id: string) => {
    localStorage.setItem('me', id);
    setMeId(id);
    setTrouble(undefined);
    if (place === HOME) void act({ as: id, gesture: 'openHome' });
  };

  return (
    <DeskContext.Provider value={desk}>
      <div className={live.panel === null ? 'layout' : 'layout with-panel'}>
        <Sidebar channels={visible} place={channel?.id ?? HOME} onGo={go} onSwitch={switchTo} />
        <main className={thread === undefined ? 'main' : 'main with-thread'}>
          {channel === undefined ? <Home /> : <ChannelPane channel={channel} />}
          {channel !== undefined && thread !== undefined && (
            <Thread channel={channel} ts={thread} onClose={() => setThread(undefined)} />
          )}
        </main>
        {live.panel !== null && <Panel panel={live.panel} />}
      </div>
      {!connected && (
        <p className="toast offline" role="status">
          The simulator is gone; trying again …
        </p>
      )}
      {trouble !== undefined && (
        <p className="toast" role="alert" data-testid="trouble">
          {trouble}
          <button type="button" aria-label="Dismiss" onClick={() => setTrouble(undefined)}>
            ×
          </button>
        </p>
      )}
      <Modal />
    </DeskContext.Provider>
  );
}

function ChannelPane({ channel }: { channel: PageChannel }) {
  return (
    <section className="channel-pane" aria-label={`Channel ${channel.name}`}>
      <header className="pane-head">
        <h1>{channel.kind === 'im' ? 'Direct message with the bot' : `# ${channel.name}`}</h1>
        <p>{channel.isArchived ? 'Archived' : channel.topic || `${channel.members.length} members`}</p>
      </header>
      <MessageList channel={channel} />
      <Composer channel={channel} />
    </section>
  );
}

function placeInAddress(): { channel: string; digits: string } | undefined {
  const [channel, digits] = window.location.hash.slice(1).split('/p');
  return channel === undefined || channel === '' ? undefined : { channel, digits: digits ?? '' };
}
