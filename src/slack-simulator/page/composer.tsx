import { type KeyboardEvent, useRef, useState } from 'react';
import { useDesk } from './desk.ts';
import type { PageChannel } from './wire.ts';

const HISTORY = 50;

/** Where commands and messages are written. Up and down go through what was written before. */
export function Composer({ channel, threadTs }: { channel: PageChannel; threadTs?: string }) {
  const { live, act } = useDesk();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const history = useRef<string[]>(JSON.parse(localStorage.getItem('history') ?? '[]'));
  const at = useRef(-1);
  const isCommand = text.startsWith('/');
  const word = text.split(' ')[0] ?? '';
  const hints = isCommand ? live.commands.filter((known) => known.command.startsWith(word)) : [];

  const send = async () => {
    const whole = text.trim();
    if (whole === '' || busy) return;
    history.current = [whole, ...history.current.filter((each) => each !== whole)].slice(0, HISTORY);
    localStorage.setItem('history', JSON.stringify(history.current));
    at.current = -1;
    setText('');
    setBusy(true);
    const [command = '', ...rest] = whole.split(' ');
    const gesture = whole.startsWith('/')
      ? { gesture: 'command', command, text: rest.join(' ').trim(), channel: channel.id }
      : { gesture: 'say', channel: channel.id, text: whole, ...(threadTs === undefined ? {} : { threadTs }) };
    await act(gesture);
    setBusy(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Tab' && hints[0] !== undefined && !text.includes(' ')) {
      event.preventDefault();
      setText(`${hints[0].command} `);
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const next = Math.min(
        history.current.length - 1,
        Math.max(-1, at.current + (event.key === 'ArrowUp' ? 1 : -1)),
      );
      if (history.current.length === 0) return;
      event.preventDefault();
      at.current = next;
      setText(next === -1 ? '' : (history.current[next] ?? ''));
    }
  };
  const inThread = threadTs !== undefined;
  return (
    <div className="composer">
      {hints.length > 0 && (
        <ul className="hints" aria-label="Commands">
          {hints.map((known) => (
            <li key={known.command}>
              <button type="button" onClick={() => setText(`${known.command} `)}>
                <strong>{known.command}</strong> {known.usageHint} <span>{known.description}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {isCommand && inThread && (
        <p className="note">Slack has no slash commands in threads; it goes to the channel.</p>
      )}
      <div className="composer-box">
        <textarea
          rows={1}
          data-testid={inThread ? 'thread-composer' : 'composer'}
          aria-label={inThread ? 'Reply in the thread' : `Write to #${channel.name}`}
          placeholder={inThread ? 'Reply …' : `Message #${channel.name}, or / for a command`}
          value={text}
          disabled={channel.isArchived}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKey}
        />
        <button
          type="button"
          className="button primary"
          data-testid={inThread ? 'thread-send' : 'send'}
          disabled={busy || text.trim() === ''}
          onClick={() => void send()}
        >
          {busy ? 'Sending …' : 'Send'}
        </button>
      </div>
    </div>
  );
}
