import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { ButtonElement } from 'slack-blocks-to-jsx';
import { Composer } from './composer.tsx';
import { initials, MessageView } from './message.tsx';
import { ModalView } from './modal.tsx';
import { act, changed, type SlackMessage, type Snapshot } from './model.ts';
import { PanelView } from './panel.tsx';

const loadedAt = Date.now();

/** The page follows the server's stream; it holds no state of Slack's own. */
function useSnapshot(): Snapshot | undefined {
  const [snapshot, setSnapshot] = useState<Snapshot>();
  useEffect(() => {
    const events = new EventSource(`/page/events?since=${loadedAt}`);
    const parsed = (event: Event) => JSON.parse((event as MessageEvent<string>).data);
    events.addEventListener('snapshot', (event) => setSnapshot(parsed(event)));
    events.addEventListener('changes', (event) => setSnapshot((now) => now && changed(now, parsed(event))));
    events.addEventListener('panel', (event) =>
      setSnapshot((now) => (now?.panel ? { ...now, panel: { ...now.panel, state: parsed(event) } } : now)),
    );
    return () => events.close();
  }, []);
  return snapshot;
}

interface Pressed {
  message: SlackMessage;
  button: ButtonElement;
  blockId: string;
}

function Page() {
  const snapshot = useSnapshot();
  const [as, setAs] = useState<string>();
  const [channelId, setChannelId] = useState<string>();
  const [thread, setThread] = useState<string>();
  const [told, setTold] = useState<string>();
  const [asking, setAsking] = useState<Pressed>();
  if (snapshot === undefined) return <p className="loading">Connecting to the simulator …</p>;
  const me = as ?? snapshot.people[0]?.id ?? '';
  const channel = snapshot.channels.find(({ id }) => id === channelId) ?? snapshot.channels[0];
  if (channel === undefined) return <p className="loading">This workspace has no channel.</p>;

  const all = [...snapshot.messages, ...(snapshot.ephemerals[me] ?? [])].filter(
    (one) => one.channel === channel.id,
  );
  const ordered = all.toSorted((a, b) => Number(a.ts) - Number(b.ts));
  const top = ordered.filter(
    (one) => one.thread_ts === undefined || one.thread_ts === one.ts || one.subtype === 'thread_broadcast',
  );
  const inThread = ordered.filter((one) => one.thread_ts === thread || one.ts === thread);
  const press = async ({ message, button, blockId }: Pressed) => {
    const on = { channel: message.channel, ts: message.ts };
    const element = { actionId: button.action_id ?? '', blockId };
    setTold(await act({ gesture: 'click', as: me, on, element }));
  };
  const onPress = (message: SlackMessage, button: ButtonElement, blockId: string) => {
    const pressed = { message, button, blockId };
    if (button.confirm === undefined) void press(pressed);
    else setAsking(pressed);
  };
  const modal = snapshot.views[me]?.modals.at(-1);
  return (
    <div className="workspace">
      <nav>
        <h1>{snapshot.installation.teamName}</h1>
        <h2>You are</h2>
        {snapshot.people.map((person) => (
          <button
            type="button"
            key={person.id}
            className={person.id === me ? 'chosen' : ''}
            data-testid={`person-${person.id}`}
            onClick={() => setAs(person.id)}
          >
            <span className="avatar small">{initials(person.realName ?? person.name)}</span>{' '}
            {person.realName ?? person.name}
          </button>
        ))}
        <h2>Channels</h2>
        {snapshot.channels
          .filter(({ kind }) => kind !== 'im')
          .map(({ id, name }) => (
            <button
              type="button"
              key={id}
              className={id === channel.id ? 'chosen' : ''}
              data-testid={`channel-${id}`}
              onClick={() => setChannelId(id)}
            >
              # {name}
            </button>
          ))}
      </nav>
      <main>
        <header>
          <h2># {channel.name}</h2>
          <p>{channel.topic}</p>
        </header>
        <section className="messages" aria-label={`Messages in ${channel.name}`}>
          {top.map((message) => (
            <MessageView
              key={message.ts}
              message={message}
              snapshot={snapshot}
              onPress={onPress}
              onThread={() => setThread(message.thread_ts ?? message.ts)}
              replies={ordered.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts).length}
            />
          ))}
        </section>
        {told === undefined ? null : (
          <p className="told" role="alert">
            {told}{' '}
            <button type="button" onClick={() => setTold(undefined)}>
              Close
            </button>
          </p>
        )}
        <Composer as={me} channel={channel.id} snapshot={snapshot} onTold={setTold} />
      </main>
      {thread === undefined ? null : (
        <section className="thread" data-testid="thread" aria-label="Thread">
          <header>
            <h2>Thread</h2>
            <button type="button" onClick={() => setThread(undefined)}>
              Close
            </button>
          </header>
          {inThread.map((message) => (
            <MessageView key={message.ts} message={message} snapshot={snapshot} onPress={onPress} />
          ))}
        </section>
      )}
      {snapshot.panel === null ? null : <PanelView panel={snapshot.panel} onTold={setTold} />}
      {modal === undefined ? null : (
        <ModalView key={modal.id} view={modal} as={me} snapshot={snapshot} onTold={setTold} />
      )}
      {asking === undefined ? null : (
        <Confirm
          pressed={asking}
          onAnswer={(yes) => {
            setAsking(undefined);
            if (yes) void press(asking);
          }}
        />
      )}
    </div>
  );
}

/** The dialog that a button asks before it does something. */
function Confirm({ pressed: { button }, onAnswer }: { pressed: Pressed; onAnswer: (yes: boolean) => void }) {
  const dialog = button.confirm;
  return (
    <div className="backdrop">
      <dialog open className="modal" data-testid="confirm" aria-label={dialog?.title.text}>
        <h2>{dialog?.title.text}</h2>
        <p>{dialog?.text.text.replaceAll(/[*`]/g, '')}</p>
        <footer>
          <button type="button" onClick={() => onAnswer(false)}>
            {dialog?.deny.text}
          </button>
          <button
            type="button"
            className={String(button.style ?? 'primary')}
            data-testid="confirm-yes"
            onClick={() => onAnswer(true)}
          >
            {dialog?.confirm.text}
          </button>
        </footer>
      </dialog>
    </div>
  );
}

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Page />);
