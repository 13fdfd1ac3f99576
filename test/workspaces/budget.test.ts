import { expect, it, onTestFinished } from 'vitest';
import { startBot } from '../../src/bot/app.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { release, releaseView } from '../support/sample.ts';
import { until } from '../support/wait-for.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const many = 60;

/** A card that stands in Slack, of a release that moves. */
function stands(pipeline: FakePipeline, slack: FakeSlack, team: string, version: number): void {
  const at = { channel: `C${team}`, ts: `${version}.1` };
  slack.messages.push({ ...at, text: 'before', blocks: [] });
  pipeline.releases.set(`hello/${version}`, releaseView({ release: release('build', { version }) }));
  const content = { kind: 'release card' as const, service: 'hello', version };
  pipeline.put({ key: `card-${version}`, channel: at.channel, team, posted: at, content });
}

it("edits of one workspace use up nothing of another's fifty a minute", async () => {
  const slacks = [await startFakeSlack('T1'), await startFakeSlack('T2')] as const;
  const pipeline = fakePipeline(Date.now);
  const workspace = (index: 0 | 1) => ({
    mode: 'http' as const,
    port: 0,
    botToken: `xoxb-${index}`,
    signingSecret: `s${index}`,
    apiUrl: slacks[index].url,
    workspace: { team: `T${index + 1}`, name: `w${index + 1}` },
    defaultChannel: 'C1',
  });
  for (let version = 1; version <= many; version++) stands(pipeline, slacks[0], 'T1', version);
  const bot = await startBot({ pipeline, log, now: Date.now, workspaces: [workspace(0), workspace(1)] });
  onTestFinished(async () => {
    await bot.stop();
    for (const slack of slacks) await slack.close();
  });
  const edits = (index: 0 | 1): number => slacks[index].of('chat.update').length;
  // All of them are final at once: everything that the first workspace may edit in a minute.
  for (let version = 1; version <= many; version++) {
    const ended = release('build', { version, state: 'cancelled' });
    pipeline.releases.set(`hello/${version}`, releaseView({ release: ended }));
    pipeline.put({
      key: `card-${version}`,
      content: { kind: 'release card', service: 'hello', version },
      final: true,
    });
  }
  await until('the budget to be used up', () => edits(0) >= 50, 10_000);
  for (let version = many + 1; version <= many + 10; version++) stands(pipeline, slacks[1], 'T2', version);
  for (let version = many + 1; version <= many + 10; version++) {
    const ended = release('build', { version, state: 'cancelled' });
    pipeline.releases.set(`hello/${version}`, releaseView({ release: ended }));
    pipeline.put({
      key: `card-${version}`,
      content: { kind: 'release card', service: 'hello', version },
      final: true,
    });
  }
  await until('the edits of the other', () => edits(1) >= 10, 5_000);
  expect(edits(0)).toBe(50);
});
