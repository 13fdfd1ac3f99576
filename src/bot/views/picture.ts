import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { percentile, type Sample } from '../../pipeline/domain/measurement.ts';
import type { StageRecord } from '../../pipeline/domain/stage-record.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { elapsed, inWords, oneLine, shorten } from './format.ts';
import { inMillis } from './measured.ts';
import { strokes } from './stroke-font.ts';

/** A picture for a thread: its SVG, the words that stand above it, and those for who cannot see it. */
export interface Picture {
  svg: string;
  text: string;
  /** Plain words, at most a thousand characters: as many as Slack takes. */
  alt: string;
}

const width = 960;
const left = 200;
const right = 700;
const rowHeight = 34;
const colours = { ink: '#1d1c1d', faint: '#616061', old: '#7a869a', new: '#0b6e4f', bad: '#b3261e' };

/** The stages that moved traffic; waiting for people would make all others too small to see. */
const drawnStages = ['migrate', 'launch', 'cut-over', 'soak'] as const;

/** How a deployment went: its stages as bars, and where there was traffic, old and new side by side. */
export function deploymentPicture(deployment: Deployment): Picture {
  const stages = timeline(deployment);
  const groups = sideBySide(deployment);
  const rows: string[] = [];
  let y = 28;
  const title = `${shorten(deployment.service, 30)} v${deployment.version} to ${shorten(deployment.environment, 20)}`;
  rows.push(strokes(title, { x: 32, y, size: 20, colour: colours.ink }));
  y += 56;
  for (const bar of stages) {
    rows.push(row(bar, y));
    y += rowHeight;
  }
  for (const { name, bars } of groups) {
    y += 18;
    rows.push(strokes(name, { x: 32, y, size: 12, colour: colours.faint }));
    y += 30;
    for (const bar of bars) {
      rows.push(row(bar, y));
      y += rowHeight;
    }
  }
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 16}" viewBox="0 0 ${width} ${y + 16}"><rect width="100%" height="100%" fill="#ffffff"/>${rows.join('')}</svg>`,
    text: `📊 *${oneLine(deployment.service, 60)} v${deployment.version}* in *${oneLine(deployment.environment, 40)}*: how it went, stage by stage${groups.length === 0 ? '' : ', and what requests met'}.`,
    alt: shorten(`${title}. ${[wordsOf(stages), ...groups.map(wordsOfGroup)].join(' ')}`, 1000),
  };
}

interface Bar {
  label: string;
  /** Where it begins and ends, from 0 to 1. */
  from: number;
  to: number;
  colour: string;
  value: string;
}

function row({ label, from, to, colour, value }: Bar, y: number): string {
  const x = left + from * (right - left);
  const long = Math.max(3, (to - from) * (right - left));
  return [
    strokes(label, { x: left - 20, y: y + 2, size: 14, colour: colours.ink, end: true }),
    `<rect x="${x.toFixed(1)}" y="${y - 3}" width="${long.toFixed(1)}" height="24" rx="3" fill="${colour}"/>`,
    strokes(value, { x: right + 20, y: y + 2, size: 14, colour: colours.ink }),
  ].join('');
}

function timeline({ stages, requestedAt }: Deployment): Bar[] {
  const ran = drawnStages
    .flatMap((name) => {
      const record = stages[name];
      return record === undefined ? [] : [{ name, record }];
    })
    .filter(({ record }) => record.beganAt !== undefined && record.state !== 'skipped');
  const begin = Math.min(...ran.map(({ record }) => record.beganAt ?? requestedAt));
  const end = Math.max(begin + 1, ...ran.map(({ record }) => endOf(record)));
  return ran.map(({ name, record }) => ({
    label: name,
    from: ((record.beganAt ?? begin) - begin) / (end - begin),
    to: (endOf(record) - begin) / (end - begin),
    colour: record.state === 'failed' ? colours.bad : colours.new,
    value: `${elapsed(endOf(record) - (record.beganAt ?? begin))}${record.state === 'passed' ? '' : ` ${record.state}`}`,
  }));
}

/** What has not ended when the picture is drawn ends with the last of those that began. */
const endOf = ({ beganAt = 0, endedAt }: StageRecord): number => Math.max(beganAt, endedAt ?? beganAt);

interface Group {
  name: string;
  bars: Bar[];
}

/** Empty where nothing was measured of both. */
function sideBySide({ version, old, probes }: Deployment): Group[] {
  const [before, after] = [probes?.before, probes?.after ?? probes?.during];
  if (old === undefined || before === undefined || after === undefined) return [];
  if (before.sent === 0 || after.sent === 0) return [];
  const name = `v${version}${probes?.after === undefined ? ' coming' : ''}`;
  const both: [string, Sample, string][] = [
    [`v${old.version}`, before, colours.old],
    [name, after, colours.new],
  ];
  return [...latency(both), failures(both)];
}

function latency(both: [string, Sample, string][]): Group[] {
  const shares = [0.5, 0.99];
  const longest = Math.max(1, ...both.map(([, sample]) => percentile(sample, 0.99) ?? 0));
  return shares.map((share) => ({
    name: `answered within (${share * 100} % of requests)`,
    bars: both.map(([label, sample, colour]): Bar => {
      const time: Millis | undefined = percentile(sample, share);
      return {
        label,
        from: 0,
        to: (time ?? 0) / longest,
        colour,
        value: time === undefined ? 'none answered' : inMillis(time),
      };
    }),
  }));
}

const failures = (both: [string, Sample, string][]): Group => ({
  name: 'failed requests',
  bars: both.map(([label, { sent, failed }, colour]) => ({
    label,
    from: 0,
    to: Math.min(1, failed / sent),
    colour: failed > 0 ? colours.bad : colour,
    value: `${failed.toLocaleString('en-US')} of ${sent.toLocaleString('en-US')}`,
  })),
});

const wordsOf = (bars: Bar[]): string =>
  bars.length === 0 ? '' : `${inWords(bars.map(({ label, value }) => `${label} ${value}`))}.`;

const wordsOfGroup = ({ name, bars }: Group): string => `${name}: ${wordsOf(bars)}`;
