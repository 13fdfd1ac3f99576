import type { PanelState } from '../options.ts';

type Seconds = PanelState['traffic']['perSecond'];

const WIDTH = 340;
const HEIGHT = 170;
const LEFT = 34;
const BOTTOM = 20;
const SHOWN_S = 60;
const COLOURS = ['#2f6f9f', '#d98324', '#4d8b55', '#8a5a9e', '#a7873b', '#2d8f8f'];
const FAILED = '#c0392b';

/** Requests per second over the last minute, stacked by version; failed ones in red on top. */
export function Chart({ perSecond }: { perSecond: Seconds }) {
  const shown = perSecond.slice(-SHOWN_S);
  const versions = [...new Set(perSecond.flatMap(({ byVersion }) => Object.keys(byVersion)))].sort(byNumber);
  const totals = shown.map((second) => total(second));
  const top = niceTop(Math.max(1, ...totals));
  const x = (index: number) => LEFT + ((index + SHOWN_S - shown.length) / (SHOWN_S - 1)) * (WIDTH - LEFT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - 8);
  const layers = [...versions, 'failed'].map((name, place) => ({
    name,
    colour: name === 'failed' ? FAILED : COLOURS[colourOf(name, place) % COLOURS.length],
    values: shown.map((second) => (name === 'failed' ? second.failed : (second.byVersion[name] ?? 0))),
  }));
  const bases = shown.map(() => 0);
  const areas = layers.map(({ name, colour, values }) => {
    const under = bases.map((base, index) => `${x(index)},${y(base)}`).reverse();
    const over = values.map((value, index) => {
      bases[index] = (bases[index] ?? 0) + value;
      return `${x(index)},${y(bases[index])}`;
    });
    return <polygon key={name} points={[...over, ...under].join(' ')} fill={colour} />;
  });
  const now = shown.at(-1);
  const words = versions.map((name) => `${name}: ${now?.byVersion[name] ?? 0} a second`).join(', ');
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Requests per second. ${words || 'None yet'}.`}
      >
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <line x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} className="grid" />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {value}
            </text>
          </g>
        ))}
        {areas}
        <text x={LEFT} y={HEIGHT - 4}>
          60 s ago
        </text>
        <text x={WIDTH} y={HEIGHT - 4} textAnchor="end">
          now
        </text>
      </svg>
      <figcaption>
        {layers.map(({ name, colour, values }) => (
          <span key={name} className="legend">
            <i style={{ background: colour }} />
            {name} <b>{values.at(-1) ?? 0}</b>/s
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function total({ byVersion, failed }: Seconds[number]): number {
  return Object.values(byVersion).reduce((sum, count) => sum + count, failed);
}

/** A version keeps its colour when older ones leave the minute that is shown. */
function colourOf(name: string, place: number): number {
  const number = /\d+/.exec(name)?.[0];
  return number === undefined ? place : Number(number) + COLOURS.length - 1;
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function niceTop(value: number): number {
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].find((each) => each * size >= value) ?? 10;
  return Math.max(2, step * size);
}
