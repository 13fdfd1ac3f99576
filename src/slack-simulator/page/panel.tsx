import { act, type PanelState, type Snapshot } from './model.ts';

const colours = ['#1264a3', '#2bac76', '#e8912d', '#8e44ad', '#cd2553', '#40798c', '#7a6a53'];
const width = 320;
const height = 150;
const shown = 60;

/** Beside the channel: where traffic goes now, by version, and whether any request failed. */
export function PanelView({
  panel,
  onTold,
}: {
  panel: NonNullable<Snapshot['panel']>;
  onTold: (words: string) => void;
}) {
  const { state, actions } = panel;
  const versions = [
    ...new Set(state.traffic.perSecond.flatMap(({ byVersion }) => Object.keys(byVersion))),
  ].sort();
  return (
    <aside className="panel" data-testid="panel" aria-label="Live traffic">
      <h2>{state.title}</h2>
      <p className="sent">
        <b data-testid="sent">{state.traffic.sent.toLocaleString('en')}</b> requests sent,{' '}
        <b className={state.traffic.failed === 0 ? 'good' : 'bad'} data-testid="failed">
          {state.traffic.failed} failed
        </b>
      </p>
      <Chart state={state} versions={versions} />
      <ul className="legend">
        {versions.map((version, index) => (
          <li key={version}>
            <span style={{ background: colours[index % colours.length] }} /> {version}:{' '}
            {state.traffic.perSecond.at(-2)?.byVersion[version] ?? 0} a second
          </li>
        ))}
      </ul>
      {actions.map(({ id, label }) => (
        <button
          type="button"
          key={id}
          className="danger"
          data-testid={`action-${id}`}
          onClick={async () => onTold((await act({ id }, '/page/panel')) ?? `${label}: done.`)}
        >
          {label}
        </button>
      ))}
      <ul className="notes">
        {state.urls.map(({ label, url }) => (
          <li key={label}>
            {label}: <a href={url}>{url}</a>
          </li>
        ))}
        {[...(state.processes ?? []), ...state.notes].map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </aside>
  );
}

/** Requests a second as stacked areas, one colour a version; the words stand in the legend. */
function Chart({ state, versions }: { state: PanelState; versions: string[] }) {
  const seconds = state.traffic.perSecond.slice(-shown);
  const most = Math.max(10, ...seconds.map(({ byVersion }) => sum(Object.values(byVersion))));
  const x = (index: number) => ((index + shown - seconds.length) / (shown - 1)) * width;
  const y = (value: number) => height - (value / most) * (height - 8);
  const top = (index: number, upTo: number) =>
    sum(versions.slice(0, upTo).map((version) => seconds[index]?.byVersion[version] ?? 0));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Requests a second by version: ${versions.join(', ')}`}
    >
      <title>Requests a second by version</title>
      {versions.map((version, level) => {
        const upper = seconds.map((_, index) => `${x(index)},${y(top(index, level + 1))}`);
        const lower = seconds.map((_, index) => `${x(index)},${y(top(index, level))}`).reverse();
        return (
          <polygon
            key={version}
            points={[...upper, ...lower].join(' ')}
            fill={colours[level % colours.length]}
            opacity={0.85}
          />
        );
      })}
    </svg>
  );
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
