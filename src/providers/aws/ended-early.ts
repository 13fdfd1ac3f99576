import { ProviderError } from '../../pipeline/provider.ts';
import type { Machine } from './machines.ts';

/** What EC2 says of a machine whose disk it could not make ("Instance terminates immediately", EC2 User Guide). */
const couldNotStart = 'Client.InternalError';

/** A builder that was gone before it had reported: what EC2 says of it, and of a key that could be the reason. */
export function endedEarly(
  { InstanceId: id, StateReason: { Code = '', Message = '' } = {} }: Machine,
  how: 'stopped' | 'ended',
  kmsKey: string | undefined,
): ProviderError {
  const reason = Message.startsWith(Code) ? Message : `${Code}: ${Message}`;
  const said = reason === '' ? '' : ` EC2 says of it: ${reason}.`;
  const advice =
    Code === couldNotStart && kmsKey !== undefined
      ? `See that the key ${kmsKey}, which its disk is to be encrypted by, is there and that its policy lets Bakery's role use it (examples/aws), then retry.`
      : 'Look who ended it, then retry.';
  return new ProviderError(
    'unexpected state',
    `The builder ${id} was ${how} before it had made the image.${said} Nothing of it is left over. ${advice}`,
  );
}
