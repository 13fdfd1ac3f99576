import { Avatar } from './avatar.tsx';
import { Blocks } from './blocks.tsx';
import { useDesk } from './desk.ts';

/** The bot's Home tab. */
export function Home() {
  const { live, me } = useDesk();
  const view = live.views[me.id]?.home ?? null;
  return (
    <section className="channel-pane" data-testid="home" aria-label={`${live.installation.botName} Home`}>
      <header className="pane-head">
        <Avatar name={live.installation.botName} bot size={28} />
        <h1>{live.installation.botName}</h1>
        <p>Home</p>
      </header>
      <div className="messages home">
        {view === null ? (
          <p className="empty">The bot has not shown anything here yet.</p>
        ) : (
          <Blocks blocks={view.blocks} on={{ id: view.id }} />
        )}
      </div>
    </section>
  );
}
