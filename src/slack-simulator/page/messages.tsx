import { useEffect, useMemo, useRef } from 'react';
import type { EphemeralMessage, Message } from '../types.ts';
import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { useDesk } from './desk.ts';
import type { PageChannel } from './wire.ts';

type Shown = Message | EphemeralMessage;

/** What stands in a channel, with the ephemeral messages of who looks. */
export function MessageList({ channel }: { channel: PageChannel }) {
  const { live, me } = useDesk();
  const shown = useMemo(() => {
    const isTop = (each: Shown) =>
      each.thread_ts === undefined || ('subtype' in each && each.subtype === 'thread_broadcast');
    return inOrder([...live.messages, ...(live.ephemerals[me.id] ?? [])], channel.id, isTop);
  }, [live.messages, live.ephemerals, me.id, channel.id]);
  return (
    <Scrolling list={shown} empty={`Nothing has been said in #${channel.name} yet. Type a command below.`} />
  );
}

/** Messages of one channel that fit, oldest first. */
export function inOrder(all: readonly Shown[], channel: string, fits: (message: Shown) => boolean): Shown[] {
  return all
    .filter((each) => each.channel === channel && fits(each))
    .sort((one, other) => Number(one.ts) - Number(other.ts));
}

/** A list that stays at its end while new messages come, unless somebody scrolled up. */
export function Scrolling({
  list,
  empty,
  inThread = false,
}: {
  list: readonly Shown[];
  empty: string;
  inThread?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // After each drawing: a message that was edited may have grown as well.
  useEffect(() => {
    const element = box.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  });
  return (
    <div
      className="messages"
      ref={box}
      role="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
      }}
    >
      {list.length === 0 && <p className="empty">{empty}</p>}
      {list.map((message) => (
        <OneMessage key={message.ts} message={message} inThread={inThread} />
      ))}
    </div>
  );
}

function OneMessage({ message, inThread }: { message: Shown; inThread: boolean }) {
  const { live, me, act, openThread } = useDesk();
  const author = authorOf(message, live);
  const isEphemeral = 'is_ephemeral' in message;
  const ref = { channel: message.channel, ts: message.ts };
  const replies =
    isEphemeral || inThread
      ? []
      : live.messages.filter(
          (each) =>
            each.channel === message.channel && each.thread_ts === message.ts && each.ts !== message.ts,
        );
  const shortcuts = isEphemeral ? [] : live.shortcuts.filter((shortcut) => shortcut.type === 'message');
  const time = new Date(Number(message.ts) * 1000);
  return (
    <article
      className={isEphemeral ? 'message ephemeral' : 'message'}
      data-testid="message"
      data-ts={message.ts}
    >
      <Avatar name={author.name} bot={author.isBot} />
      <div className="message-body">
        <p className="message-head">
          <strong>{author.name}</strong>
          {author.isBot && <span className="app-badge">APP</span>}
          <time dateTime={time.toISOString()}>
            {time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
          </time>
          {isEphemeral && <span className="only-you">Only visible to {me.realName ?? me.name}</span>}
          {'edited' in message && message.edited !== undefined && <span className="edited">(edited)</span>}
        </p>
        <Blocks blocks={contentOf(message)} on={ref} />
        {'files' in message &&
          message.files?.map((file) => (
            <a key={String(file.id)} className="file" href={String(file.url_private)}>
              {file.mimetype === 'image/png' ? (
                <img src={String(file.url_private)} alt={String(file.alt_txt ?? file.title)} />
              ) : (
                String(file.title)
              )}
            </a>
          ))}
        {replies.length > 0 && (
          <button
            type="button"
            className="replies"
            data-testid="open-thread"
            onClick={() => openThread(message.channel, message.ts)}
          >
            {replies.length} {replies.length === 1 ? 'reply' : 'replies'}
          </button>
        )}
      </div>
      {!isEphemeral && (
        <div className="message-tools">
          {!inThread && (
            <button
              type="button"
              onClick={() => openThread(message.channel, message.thread_ts ?? message.ts)}
            >
              Thread
            </button>
          )}
          {shortcuts.map((shortcut) => (
            <button
              key={shortcut.callbackId}
              type="button"
              onClick={() => void act({ gesture: 'shortcut', callbackId: shortcut.callbackId, message: ref })}
            >
              {shortcut.name}
            </button>
          ))}
        </div>
      )}
    </article>
  );
}

function contentOf(message: Shown) {
  if (message.blocks !== undefined && message.blocks.length > 0) return message.blocks;
  if (message.text === '') return [];
  return [{ type: 'section', block_id: 'text', text: { type: 'mrkdwn', text: message.text } }];
}

function authorOf(
  message: Shown,
  live: ReturnType<typeof useDesk>['live'],
): { name: string; isBot: boolean } {
  if ('is_ephemeral' in message) {
    return { name: message.fromSlack ? 'Slackbot' : live.installation.botName, isBot: true };
  }
  const person = live.people.find((each) => each.id === message.user);
  if (person !== undefined) return { name: person.realName ?? person.name, isBot: false };
  return { name: live.installation.botName, isBot: true };
}
