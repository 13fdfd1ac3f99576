import { useState } from 'react';
import { plain } from '../interactions/elements.ts';
import type { Fields, MessageRef, ViewRef } from '../types.ts';
import { useDesk } from './desk.ts';
import { post, type Reply } from './wire.ts';

interface Props {
  readonly element: Fields;
  readonly which: { readonly actionId: string; readonly blockId: string };
  readonly on: MessageRef | ViewRef;
  readonly id: string | undefined;
  onChoose(value: string): void;
}

/** A select whose options the bot is asked for. */
export function ExternalSelect({ element, which, on, id, onChoose }: Props) {
  const { me, act } = useDesk();
  const [typed, setTyped] = useState('');
  const [reply, setReply] = useState<Reply<Fields[]>>();
  const ask = async (words: string) => {
    setTyped(words);
    const least = typeof element.min_query_length === 'number' ? element.min_query_length : 3;
    if (words.length < least) setReply(undefined);
    else
      setReply(
        await post<Fields[]>('/page/act', {
          as: me.id,
          gesture: 'suggest',
          on,
          element: which,
          typed: words,
        }),
      );
  };
  const pick = async (option: Fields) => {
    setTyped(plain(option.text));
    setReply(undefined);
    // Also in a modal: the server remembers the option that was offered, so that it can be submitted.
    await act({ gesture: 'choose', on, element: which, value: String(option.value) });
    onChoose(String(option.value));
  };
  return (
    <span className="external">
      <input
        id={id}
        data-testid={`element-${which.actionId}`}
        placeholder={plain(element.placeholder) || 'Search …'}
        aria-label={id === undefined ? plain(element.placeholder) || 'Search' : undefined}
        value={typed}
        onFocus={() => void ask(typed)}
        onChange={({ target }) => void ask(target.value)}
      />
      {reply !== undefined && (
        <span className="offers">
          {!reply.ok && <em>{reply.error}</em>}
          {reply.ok && reply.result.length === 0 && <em>No results</em>}
          {reply.ok &&
            reply.result.map((option) => (
              <button key={String(option.value)} type="button" onClick={() => void pick(option)}>
                {plain(option.text)}
              </button>
            ))}
        </span>
      )}
    </span>
  );
}
