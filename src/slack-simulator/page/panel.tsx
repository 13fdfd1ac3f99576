import { useState } from 'react';
import { Chart } from './chart.tsx';
import { post, type Snapshot } from './wire.ts';

/** What the demo shows beside the channel: live traffic, and buttons that disturb it. */
export function Panel({ panel }: { panel: NonNullable<Snapshot['panel']> }) {
  const { state, actions } = panel;
  const [said, setSaid] = useState<{ words: string; wrong: boolean }>();
  const [busy, setBusy] = useState<string>();
  const run = async (id: string) => {
    setBusy(id);
    const reply = await post<string>('/page/panel', { id });
    setSaid(reply.ok ? { words: reply.result, wrong: false } : { words: reply.error, wrong: true });
    setBusy(undefined);
  };
  const { traffic } = state;
  return (
    <aside className="panel" data-testid="panel" aria-label={state.title}>
      <h2>{state.title}</h2>
      <p className="counts">
        <span>
          <b data-testid="sent">{traffic.sent.toLocaleString('en')}</b> requests sent
        </span>
        <span className={traffic.failed === 0 ? 'none-failed' : 'some-failed'}>
          <b data-testid="failed">{traffic.failed.toLocaleString('en')}</b> failed
        </span>
      </p>
      <Chart perSecond={traffic.perSecond} />
      <div className="panel-actions">
        {actions.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            className="button"
            data-testid={`action-${id}`}
            disabled={busy !== undefined}
            onClick={() => void run(id)}
          >
            {busy === id ? `${label} …` : label}
          </button>
        ))}
      </div>
      {said !== undefined && (
        <p className={said.wrong ? 'said wrong' : 'said'} role="status">
          {said.words}
        </p>
      )}
      <List
        title="Addresses"
        items={state.urls.map(({ label, url }) => ({
          key: label,
          node: (
            <>
              <span>{label}</span>{' '}
              <a href={url} target="_blank" rel="noreferrer">
                {url}
              </a>
            </>
          ),
        }))}
      />
      <List title="Notes" items={state.notes.map((note) => ({ key: note, node: note }))} />
      <List
        title="Processes"
        items={(state.processes ?? []).map((line) => ({ key: line, node: <code>{line}</code> }))}
      />
    </aside>
  );
}

function List({ title, items }: { title: string; items: { key: string; node: React.ReactNode }[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="panel-list">
        {items.map(({ key, node }) => (
          <li key={key}>{node}</li>
        ))}
      </ul>
    </>
  );
}
