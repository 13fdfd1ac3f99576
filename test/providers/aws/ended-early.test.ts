import { expect, it } from 'vitest';
import { endedEarly } from '../../../src/providers/aws/ended-early.ts';

const InstanceId = 'i-0123456789abcdef0';
const launch = { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' };

it('a builder that was ended tells what EC2 says of it, and who should be looked for', () => {
  const StateReason = { Code: 'Client.UserInitiatedShutdown', Message: 'User initiated' };
  expect(endedEarly({ InstanceId, StateReason }, 'ended', 'alias/own').message).toMatch(
    /i-0123456789abcdef0 was ended before.*Client\.UserInitiatedShutdown: User initiated\..*Look who ended it/,
  );
  expect(endedEarly({ InstanceId }, 'stopped', undefined).message).toBe(
    `The builder ${InstanceId} was stopped before it had made the image. Nothing of it is left over. Look who ended it, then retry.`,
  );
});

it('a builder that EC2 could not start names the key of its disk, where it has one of ours', () => {
  const at = (key?: string) => endedEarly({ InstanceId, StateReason: launch }, 'ended', key).message;
  expect(at('alias/own')).toMatch(/Client error on launch.*key alias\/own.*policy lets Bakery's role/);
  expect(at()).toContain('Look who ended it');
});
