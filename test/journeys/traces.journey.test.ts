import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { runLine } from '../../src/control/client.ts';
import { deploys } from '../../src/demo/people.ts';
import type { Place } from '../../src/demo/place.ts';
import { setStage } from '../../src/demo/stage.ts';
import { traceId } from '../../src/tracing/trace-id.ts';
import { type Span, startCollector } from '../support/collector.ts';
import { until } from '../support/wait-for.ts';

/** The demo's Bakery as processes of its own, that sends its traces to a collector. */
async function bakeryThatTells(collector: { url: string }) {
  const root = mkdtempSync(join(tmpdir(), 'bakery-traces-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const token = join(root, 'token');
  writeFileSync(token, 'Bearer of traces\n');
  const adapt = ({ config }: Place) => {
    const file = join(config, 'bot.yaml');
    const traces = {
      url: collector.url,
      headers: { authorization: `file:${token}` },
      link: 'https://traces.example.com/{trace}',
    };
    writeFileSync(file, stringify({ ...parse(readFileSync(file, 'utf8')), traces }));
  };
  const stage = await setStage(root, adapt);
  onTestFinished(() => stage.close().then(() => undefined));
  return stage;
}

it('a release is one trace, from the command by way of the queue to what its tasks call', async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  const stage = await bakeryThatTells(collector);
  const id = traceId('demo', 'hello.v1');
  const inTrace = () => collector.spans.filter(({ traceId }) => traceId === id);
  const named = (name: string): Span | undefined => inTrace().find((span) => span.name === name);
  await runLine(join(stage.place.data, 'control.sock'), '/bake hello');
  await until('the trace of v1', () => named('release hello.v1') !== undefined, 60_000);

  const whole = named('release hello.v1');
  expect(whole?.parentSpanId ?? '').toBe('');
  const children = inTrace().filter(({ parentSpanId }) => parentSpanId === whole?.spanId);
  expect(new Set(children.map(({ name }) => name))).toEqual(
    new Set([
      'request release',
      ...['build', 'bake', 'candidate', 'verify', 'promote'].map((stage) => `stage ${stage}`),
    ]),
  );
  // From a call back to the click: each below the one that caused it, through the queue.
  const lineOf = (span: Span | undefined): string[] =>
    span === undefined
      ? []
      : [span.name, ...lineOf(inTrace().find(({ spanId }) => spanId === span.parentSpanId))];
  expect(lineOf(named('bake'))).toEqual([
    'bake',
    expect.stringMatching(/^process /),
    expect.stringMatching(/^add /),
    'stage bake',
    'release hello.v1',
  ]);
  const asked = inTrace().find((span) => span.name.startsWith('GET'));
  expect(lineOf(asked).at(-1)).toBe('release hello.v1');

  expect(collector.authorizations).toEqual(new Set(['Bearer of traces']));
  const [card] = stage.slack.messages(deploys.name).filter(({ text }) => text.includes('hello v1'));
  expect(JSON.stringify(card)).toContain(`https://traces.example.com/${id}`);
}, 120_000);

it('a collector that is away costs spans and a line in the log, and nobody waits for it', async () => {
  const away = await startCollector();
  await away.close();
  const stage = await bakeryThatTells(away);
  await runLine(join(stage.place.data, 'control.sock'), '/bake hello');
  const cards = () => stage.slack.messages(deploys.name).filter(({ text }) => text.includes('hello v1'));
  await until(
    'v1 is asked about',
    () => cards().some(({ text }) => text.includes('waits for approval')),
    60_000,
  );
  await until(
    'the line',
    () => readFileSync(stage.place.botLog, 'utf8').includes('traces were not sent'),
    30_000,
  );
  const began = performance.now();
  await stage.bot.stop();
  expect(performance.now() - began).toBeLessThan(8_000);
}, 150_000);
