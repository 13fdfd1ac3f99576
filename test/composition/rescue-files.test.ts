import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { keepRescueFiles } from '../../src/composition/rescue-files.ts';
import { slot } from '../support/sample.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/wait-for.ts';

it('a rescue script lies on the disk for its owner alone, and goes when there is none any more', async () => {
  const data = tempFolder();
  const script = join(data, 'rescue', 'hello.production.sh');
  const rescue = { version: 1, deployment: 'hello.production.2', script: 'sha256:one', made: [] };
  let now = slot('production', { rescue });
  const stop = keepRescueFiles({
    data,
    slots: async () => [now],
    store: { get: async () => Readable.from(['#!/bin/sh\necho back\n']) },
    every: 10,
    onError: (_, error) => {
      throw error;
    },
  });
  onTestFinished(stop);
  await until('the script', () => existsSync(script));
  expect(readFileSync(script, 'utf8')).toContain('echo back');
  expect(statSync(script).mode & 0o777).toBe(0o700);
  now = slot('production');
  await until('its end', () => !existsSync(script));
});
