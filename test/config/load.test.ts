import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith, good, goodBot, goodService, load, problemsOf } from './installation.ts';

describe('the configuration', () => {
  it('is read with absolute paths and what is usual where nothing is said', async () => {
    const { dir, config } = await load(good);
    expect(config).toMatchObject({
      name: 'test',
      data: join(dir, 'data'),
      store: join(dir, 'data/store'),
      poll: 60_000,
      http: { host: '127.0.0.1', port: 8080 },
      worker: { concurrency: 4, scratch: join(dir, 'data/scratch') },
    });
    expect(config.queue.kind).toBe('embedded');
    expect(config.queue.url.reveal()).toBe(`embedded:${join(dir, 'data/queue')}`);
    expect(config.providers.get('machine')).toHaveProperty('root', join(dir, 'machine'));
    expect(config.policies.get('hello')).toMatchObject({
      service: 'hello',
      branch: 'main',
      folder: '.',
      channel: 'C001',
      environments: [
        {
          name: 'dev',
          provider: 'machine',
          balancer: 'front',
          promotion: 'auto',
          approvals: 0,
          soak: 300_000,
        },
        { name: 'staging' },
      ],
    });
  });

  it('tells the problems of all files at once, in their order', async () => {
    const problems = await problemsOf({
      'bot.yaml': `${goodBot}datta: x\n`,
      'services/a.yaml': goodService.replace('environments:', 'environmnts:'),
      'services/b.yaml': `${goodService}build: {}\n`,
    });
    expect(problems).toEqual([
      'bot.yaml:8: `datta` is not a key here; did you mean `data`?',
      'services/a.yaml:1: `environments` is missing; add it.',
      'services/a.yaml:5: `environmnts` is not a key here; did you mean `environments`?',
      "services/b.yaml:8: `build` is not a key here: it belongs in bakery.yaml in the service's repository, which is read at each commit; move it there.",
    ]);
  });

  it('says what to do when there is no bot.yaml and when there are no services', async () => {
    expect(await problemsOf({})).toEqual([
      expect.stringMatching(
        /^bot\.yaml:1: This file cannot be read \(ENOENT\) in \/.+; write it, beginning from examples\/config\/bot\.yaml\.$/,
      ),
    ]);
    expect((await problemsOf({ 'bot.yaml': goodBot }))[0]).toContain(
      '`services` finds no file in services/*.yaml',
    );
    const dir = folderWith(good);
    rmSync(join(dir, 'services'), { recursive: true });
    expect((await loadConfig(dir, {})).ok).toBe(false);
  });
});
