import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readConfigFiles } from '../../src/config/files.ts';
import { type Problem, printProblem } from '../../src/config/problem.ts';
import { watchFiles } from '../../src/config/watch-files.ts';
import { folderWith, goodBot, goodService } from './installation.ts';

/** A folder that is watched, what was taken of it, and what was refused. */
async function watched() {
  const dir = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': goodService });
  const taken: Config[] = [];
  const refused: string[][] = [];
  const hindrances: Problem[] = [];
  const watch = watchFiles({
    dir,
    inForce: (await readConfigFiles(dir)).digest,
    take: async (config) => {
      if (hindrances.length === 0) taken.push(config);
      return [...hindrances];
    },
    refused: async (problems) => {
      refused.push(problems.map(printProblem));
    },
  });
  const write = (text: string, name = 'services/hello.yaml') => writeFileSync(join(dir, name), text);
  const looks = async (times: number) => {
    for (let time = 0; time < times; time++) await watch.look();
  };
  return { dir, watch, taken, refused, hindrances, write, looks };
}

describe('files that change while Bakery runs', () => {
  it('are taken once they stand still, and once for each change', async () => {
    const { taken, write, looks } = await watched();
    await looks(3);
    expect(taken).toHaveLength(0);
    write(goodService.replace('hello.git', 'other.git'));
    await looks(1);
    expect(taken).toHaveLength(0);
    await looks(3);
    expect(taken.map(({ policies }) => policies.get('hello')?.repository)).toEqual(['/srv/git/other.git']);
  });

  it('are not taken while they are being written', async () => {
    const { taken, write, looks } = await watched();
    write(goodService.replace('approve: [', 'approve: [ '));
    await looks(1);
    write(goodService.replace("approve: ['T1/U1']", "approve: ['*']"));
    await looks(1);
    expect(taken).toHaveLength(0);
    await looks(1);
    expect(taken.map(({ policies }) => policies.get('hello')?.people.approve)).toEqual([['*']]);
  });

  it('are taken at once when somebody says that they are whole', async () => {
    const { taken, write, watch } = await watched();
    write(goodService.replace('hello.git', 'other.git'));
    await watch.look(true);
    expect(taken).toHaveLength(1);
  });

  it('change nothing while any is wrong, which is told once with file and line', async () => {
    const { taken, refused, write, looks } = await watched();
    write(goodService.replaceAll('700', '800'), 'services/second.yaml');
    write(goodService.replace('provider: machine', 'provider: nowhere'));
    await looks(4);
    expect(taken).toHaveLength(0);
    expect(refused).toEqual([[expect.stringMatching(/^services\/hello\.yaml:2: .*nowhere/)]]);
    write(`${goodService}nonsense: true\n`);
    await looks(4);
    expect(refused).toHaveLength(2);
    write(goodService);
    await looks(2);
    expect(taken.map(({ policies }) => [...policies.keys()])).toEqual([['hello', 'second']]);
  });

  it('are taken as they were when a wrong change is taken back', async () => {
    const { taken, refused, write, looks } = await watched();
    write('nonsense');
    await looks(2);
    write(goodService);
    await looks(4);
    expect([refused.length, taken.length]).toEqual([1, 1]);
  });

  it('that cannot be read are told of as such, and all services are not thought to be gone', async () => {
    const { dir, taken, refused, looks } = await watched();
    rmSync(join(dir, 'bot.yaml'));
    await looks(4);
    expect(taken).toHaveLength(0);
    expect(refused).toEqual([[expect.stringContaining('cannot be read (ENOENT)')]]);
  });

  it('that something stands in the way of are taken when it is gone, and told of once', async () => {
    const { taken, refused, hindrances, write, looks } = await watched();
    hindrances.push({ file: 'services/hello.yaml', line: 1, sentence: 'v1 is under way.' });
    write(goodService.replace('hello.git', 'other.git'));
    await looks(4);
    expect([refused.length, taken.length]).toEqual([1, 0]);
    hindrances.pop();
    await looks(1);
    expect(taken).toHaveLength(1);
  });
});
