import { describe, expect, it } from 'vitest';
import { events, texts } from '../../src/ledger/schema.ts';
import { redaction } from '../../src/ops/log.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { gitRepository } from '../support/git-repository.ts';
import { taskTools } from '../support/task-bench.ts';

const token = 'xoxb-2718281828-the-bot-token';
const { hide, clean } = redaction();
hide(token);

/** A build that prints the token, and its own environment, and fails. */
const prints = `
build:
  package:
    run: [node, -e, "console.log(fs.readFileSync('stolen', 'utf8')); console.log(JSON.stringify(process.env)); process.exit(3)"]
    timeout: 20s
    file: made.bin
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

describe('a build that prints the bot token', () => {
  it('leaves it in no stored log, no outcome and no note on a card', async () => {
    const repository = gitRepository();
    const sha = repository.commit({ 'bakery.yaml': prints, stolen: token });
    const tools = taskTools();
    const notes: string[] = [];
    const run = taskRunner({ tools, clean, onBug: () => undefined });
    const outcome = await run(
      {
        effect: 'build.hello.v1',
        generation: 1,
        attempt: 1,
        kind: 'build',
        input: { repository: repository.path, folder: '', sha, service: 'hello', version: 1 },
        limit: 30_000,
        log: 'hello.v1.build.1',
      },
      {
        signal: new AbortController().signal,
        leaseLeft: () => 60_000,
        progress: (note) => void notes.push(note),
      },
    );
    const log = await tools.store.readLog('hello.v1.build.1', 100_000);
    expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'command failed' } });
    expect(log).toContain('[secret]');
    expect(JSON.stringify([outcome, log, notes])).not.toContain(token);
  });

  it('finds none of Bakery’s own credentials in its environment', async () => {
    process.env.SLACK_BOT_TOKEN = 'xoxb-in-the-environment-of-the-worker';
    const repository = gitRepository();
    const sha = repository.commit({ 'bakery.yaml': prints, stolen: 'nothing' });
    const tools = taskTools();
    const run = taskRunner({ tools, onBug: () => undefined });
    await run(
      {
        effect: 'build.hello.v2',
        generation: 1,
        attempt: 1,
        kind: 'build',
        input: { repository: repository.path, folder: '', sha, service: 'hello', version: 2 },
        limit: 30_000,
        log: 'hello.v2.build.1',
      },
      { signal: new AbortController().signal, leaseLeft: () => 60_000, progress: () => undefined },
    );
    delete process.env.SLACK_BOT_TOKEN;
    const log = await tools.store.readLog('hello.v2.build.1', 100_000);
    expect(log).toContain('"PATH"');
    expect(log).not.toContain('xoxb-in-the-environment');
    expect(log).not.toContain('SLACK_BOT_TOKEN');
  });

  it('does not bring it into the ledger either, should it come by another way', async () => {
    const world = new CoreWorld();
    world.parts.redact = clean;
    world.say = ({ kind }) =>
      kind === 'build' ? failed('command failed', `it printed ${token} and ended with 1`) : undefined;
    await world.push('one');
    await world.run(5_000);
    const kept = JSON.stringify(world.file.db.select().from(texts).all());
    expect(kept).toContain('it printed [secret] and ended with 1');
    expect(kept).not.toContain(token);
  });

  it('leaves no part of it in a note, wherever its line is cut', async () => {
    const repository = gitRepository();
    const line = `${'x'.repeat(100)}${token}`;
    const sha = repository.commit({ 'bakery.yaml': prints, stolen: line });
    const notes: string[] = [];
    await taskRunner({ tools: taskTools(), clean, onBug: () => undefined })(
      {
        effect: 'build.hello.v3',
        generation: 1,
        attempt: 1,
        kind: 'build',
        input: { repository: repository.path, folder: '', sha, service: 'hello', version: 3 },
        limit: 30_000,
        log: 'hello.v3.build.1',
      },
      {
        signal: new AbortController().signal,
        leaseLeft: () => 60_000,
        progress: (note) => void notes.push(note),
      },
    );
    expect(notes.some((note) => note.includes('xxxx'))).toBe(true);
    expect(notes.join('\n')).not.toContain(token.slice(0, 8));
    expect(Math.max(...notes.map((note) => note.length))).toBeLessThanOrEqual(120);
  });
});

describe('a test whose name holds the bot token', () => {
  it('leaves it in no event and no text, and its name can be erased', async () => {
    const world = new CoreWorld();
    world.parts.redact = clean;
    const suite = { name: 'functional', passed: 1, failed: 1, failures: [`logs in with ${token}`], of: 1 };
    world.say = ({ kind }) =>
      kind === 'verify'
        ? {
            is: 'failed',
            failure: { fault: 'tests failed', sentence: 'One failed.' },
            evidence: { suites: [suite] },
          }
        : undefined;
    await world.push('one');
    await world.run(5_000);
    const rows = JSON.stringify(world.file.db.select().from(events).all());
    const kept = JSON.stringify(world.file.db.select().from(texts).all());
    expect(rows).toContain('SuitesRun');
    expect(rows).not.toContain('logs in with');
    expect(kept).toContain('logs in with [secret]');
    expect(kept).not.toContain(token);
  });
});
