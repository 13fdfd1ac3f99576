import { type ActionsBlock, type Block, type ButtonElement, Message } from 'slack-blocks-to-jsx';
import type { Person, SlackMessage, Snapshot } from './model.ts';

export type Press = (message: SlackMessage, button: ButtonElement, blockId: string) => void;

interface Props {
  message: SlackMessage;
  snapshot: Snapshot;
  onPress: Press;
  onThread?: () => void;
  replies?: number;
}

/** One message as Slack draws it. Buttons are drawn here, since they have to do something. */
export function MessageView({ message, snapshot, onPress, onThread, replies = 0 }: Props) {
  const from = nameOf(message.user, snapshot);
  const isBot = message.user === snapshot.installation.botUserId;
  return (
    <article className={`message${message.is_ephemeral ? ' ephemeral' : ''}`} data-testid="message">
      <div className={`avatar${isBot ? ' bot' : ''}`} aria-hidden="true">
        {isBot ? '🥖' : initials(from)}
      </div>
      <div className="body">
        {message.is_ephemeral ? <p className="only">Only visible to you</p> : null}
        <p className="from">
          <strong>{from}</strong> {isBot ? <span className="app">APP</span> : null}{' '}
          <time>{new Date(Number(message.ts) * 1000).toLocaleTimeString()}</time>
        </p>
        {message.blocks === undefined ? (
          <Drawn
            blocks={[{ type: 'section', text: { type: 'mrkdwn', text: message.text } }]}
            snapshot={snapshot}
          />
        ) : (
          message.blocks.map((block) => (
            <BlockView
              key={block.block_id}
              block={block}
              snapshot={snapshot}
              onPress={(button, blockId) => onPress(message, button, blockId)}
            />
          ))
        )}
        {onThread === undefined ? null : (
          <button type="button" className="thread-link" onClick={onThread}>
            {replies === 0 ? 'Reply in thread' : replies === 1 ? '1 reply' : `${replies} replies`}
          </button>
        )}
      </div>
    </article>
  );
}

interface BlockProps {
  block: Block;
  snapshot: Snapshot;
  onPress: (button: ButtonElement, blockId: string) => void;
}

function BlockView({ block, snapshot, onPress }: BlockProps) {
  if (block.type !== 'actions') return <Drawn blocks={[block]} snapshot={snapshot} />;
  return (
    <div className="actions">
      {buttonsOf(block).map((button) => (
        <button
          type="button"
          key={button.action_id}
          className={String(button.style ?? 'plain')}
          aria-label={button.accessibility_label ?? button.text.text}
          data-testid={`button-${button.action_id}`}
          onClick={() => onPress(button, block.block_id ?? '')}
        >
          {button.text.text}
        </button>
      ))}
    </div>
  );
}

const buttonsOf = (block: ActionsBlock): ButtonElement[] =>
  block.elements.filter((element): element is ButtonElement => element.type === 'button');

/** Blocks that only show something. */
export function Drawn({ blocks, snapshot }: { blocks: Block[]; snapshot: Snapshot }) {
  const users = [
    ...snapshot.people.map((person) => ({ id: person.id, name: person.name })),
    { id: snapshot.installation.botUserId, name: snapshot.installation.botName },
  ];
  const channels = snapshot.channels.map(({ id, name }) => ({ id, name }));
  return <Message blocks={blocks} logo="" name="" withoutWrapper theme="light" data={{ users, channels }} />;
}

export function nameOf(user: string, { people, installation }: Snapshot): string {
  if (user === installation.botUserId) return installation.botName;
  return people.find(({ id }) => id === user)?.realName ?? user;
}

export const initials = (name: string): string =>
  name
    .split(' ')
    .map((part) => part[0])
    .join('')
    .slice(0, 2);

export type { Person };
