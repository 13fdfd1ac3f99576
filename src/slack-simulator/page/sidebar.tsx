import { Avatar } from './avatar.tsx';
import { useDesk } from './desk.ts';
import type { PageChannel } from './wire.ts';

interface Props {
  readonly channels: readonly PageChannel[];
  readonly place: string;
  onGo(where: string): void;
  onSwitch(personId: string): void;
}

/** Who you are, and where you can go. */
export function Sidebar({ channels, place, onGo, onSwitch }: Props) {
  const { live, me, act } = useDesk();
  const globals = live.shortcuts.filter((shortcut) => shortcut.type === 'global');
  return (
    <nav className="sidebar" aria-label="Workspace">
      <h2 className="team">{live.installation.teamName}</h2>
      <p className="hint">A Slack simulator on this machine</p>
      <h3>You are</h3>
      <ul>
        {live.people.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              data-testid={`person-${person.id}`}
              className={person.id === me.id ? 'row chosen' : 'row'}
              aria-pressed={person.id === me.id}
              onClick={() => onSwitch(person.id)}
            >
              <Avatar name={person.realName ?? person.name} size={22} />
              <span>{person.realName ?? person.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <h3>Channels</h3>
      <ul>
        {channels.map((channel) => (
          <li key={channel.id}>
            <button
              type="button"
              data-testid={`channel-${channel.id}`}
              className={channel.id === place ? 'row chosen' : 'row'}
              aria-current={channel.id === place ? 'page' : undefined}
              onClick={() => onGo(channel.id)}
            >
              <span className="mark">{channel.kind === 'im' ? '@' : '#'}</span>
              <span>{channel.kind === 'im' ? live.installation.botName : channel.name}</span>
              {channel.isArchived && <small>archived</small>}
            </button>
          </li>
        ))}
      </ul>
      <h3>Apps</h3>
      <ul>
        <li>
          <button
            type="button"
            data-testid="open-home"
            className={place === 'home' ? 'row chosen' : 'row'}
            aria-current={place === 'home' ? 'page' : undefined}
            onClick={() => onGo('home')}
          >
            <Avatar name={live.installation.botName} bot size={22} />
            <span>{live.installation.botName} Home</span>
          </button>
        </li>
        {globals.map((shortcut) => (
          <li key={shortcut.callbackId}>
            <button
              type="button"
              className="row"
              onClick={() => void act({ gesture: 'shortcut', callbackId: shortcut.callbackId })}
            >
              <span className="mark">›</span>
              <span>{shortcut.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
