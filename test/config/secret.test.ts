import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readSecret, Secret } from '../../src/config/secret.ts';
import { ProviderError } from '../../src/pipeline/provider.ts';
import { folderWith } from './installation.ts';

const refusal = (reference: string, env = {}): Promise<unknown> =>
  readSecret(reference, env).catch((error) => error);

describe('a secret', () => {
  it('prints as [secret] however it is printed', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true }),
    ];
    expect(shown.join()).not.toContain('hunter2');
    expect(shown[2]).toBe('{"secret":"[secret]"}');
    expect(secret.reveal()).toBe('hunter2');
  });

  it('is read from a variable, or from a file without its last line feed', async () => {
    const dir = folderWith({ token: 'hunter2\n' });
    expect(await readSecret('env:TOKEN', { TOKEN: 'hunter1' })).toBe('hunter1');
    expect(await readSecret(`file:${join(dir, 'token')}`)).toBe('hunter2');
  });

  it('that is not there, is empty, or is no reference is refused as bad settings', async () => {
    const dir = folderWith({ empty: '\n' });
    for (const reference of [
      'env:NONE',
      'env:EMPTY',
      `file:${dir}/none`,
      `file:${dir}/empty`,
      'xoxb-1-leak',
    ]) {
      const error = await refusal(reference, { EMPTY: '' });
      expect(error).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({ fault: 'bad settings' });
      expect(String(error)).not.toContain('leak');
    }
  });
});
