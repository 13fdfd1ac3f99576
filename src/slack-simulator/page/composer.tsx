import { useState } from 'react';
import { act, type Snapshot } from './model.ts';

interface Props {
  as: string;
  channel: string;
  snapshot: Snapshot;
  onTold: (words: string) => void;
}

/** Where slash commands and messages are typed. Arrow up brings back what was typed before. */
export function Composer({ as, channel, snapshot, onTold }: Props) {
  const [text, setText] = useState('');
  const [past, setPast] = useState<string[]>([]);
  const [back, setBack] = useState(0);
  const hints = text.startsWith('/')
    ? snapshot.commands.filter(({ command }) => command.startsWith(text.split(' ')[0] ?? ''))
    : [];

  const send = async () => {
    const typed = text.trim();
    if (typed === '') return;
    setText('');
    setBack(0);
    setPast([typed, ...past]);
    const [word = '', ...rest] = typed.split(' ');
    const error = typed.startsWith('/')
      ? await act({ gesture: 'command', as, command: word, text: rest.join(' '), channel })
      : await act({ gesture: 'say', as, channel, text: typed });
    if (error !== undefined) onTold(error);
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {hints.map(({ command, description, usageHint }) => (
        <p className="hint" key={command}>
          <b>{command}</b> {usageHint} · {description}
        </p>
      ))}
      <input
        data-testid="composer"
        aria-label="Message or slash command"
        placeholder="Type /bake hello"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowUp' || past[back] === undefined) return;
          setText(past[back]);
          setBack(back + 1);
        }}
      />
      <button type="submit" className="primary" data-testid="send">
        Send
      </button>
    </form>
  );
}
