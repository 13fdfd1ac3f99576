import { ProviderError } from '../pipeline/provider.ts';

/** A command that ran to an end that is no good one, or for longer than it may. `how` is the end of "The command …". */
export const commandFailure = (fault: 'exited' | 'timeout', how: string, lines: string[]): ProviderError =>
  new ProviderError(fault, `The command ${how}. Its last lines of output say more.`, { lines });

/** How a command took longer than it may, as the end of "The command …". */
export const tookTooLong = (within: number): string => `did not end within ${within / 1_000} s`;
