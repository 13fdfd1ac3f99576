import { describe, expect, it } from 'vitest';
import { command, openedForEach, pipeline, send, told } from '../support/small-bot.ts';

openedForEach();

describe('a request to the endpoint is refused', () => {
  it('when its signature is wrong', async () => {
    expect(await send(command('hello'), { signature: 'v0=00' })).toBe(401);
  });

  it('when it is older than five minutes, or of the future', async () => {
    expect(await send(command('hello'), { at: Date.now() - 301_000 })).toBe(401);
    expect(await send(command('hello'), { at: Date.now() + 120_000 })).toBe(401);
  });

  it('when it is played a second time', async () => {
    const form = command('hello');
    const at = Date.now();
    expect(await send(form, { at })).toBe(200);
    expect(await send(form, { at })).toBe(401);
    await told();
    expect(pipeline.orders).toHaveLength(1);
  });
});
