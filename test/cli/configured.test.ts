import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type ConfigOption, configFolder, withConfig } from '../../src/cli/configured.ts';

/** The folder that a command line names, as the program sees it. */
function folderOf(...line: string[]): string {
  let folder = '';
  const program = new Command().option('-c, --config <dir>', '', '.');
  const take = (options: ConfigOption, command: Command): void => {
    folder = configFolder(options, command);
  };
  withConfig(program.command('check')).action(take);
  withConfig(program.command('haproxy').command('config')).action(take);
  program.parse(line, { from: 'user' });
  return folder;
}

describe('the folder of the configuration', () => {
  it.each([
    ['check', '--config', '/etc/bakery'],
    ['--config', '/etc/bakery', 'check'],
    ['haproxy', 'config', '--config', '/etc/bakery'],
    ['haproxy', '-c', '/etc/bakery', 'config'],
    ['-c', '/etc/bakery', 'haproxy', 'config'],
  ])('is taken wherever it stands in the line: %s %s %s', (...line) => {
    expect(folderOf(...line)).toBe('/etc/bakery');
  });

  it('is the present one when no word names it', () => {
    expect(folderOf('haproxy', 'config')).toBe('.');
  });
});
