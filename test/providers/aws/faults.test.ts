import { describe, expect, it } from 'vitest';
import { asProviderError } from '../../../src/providers/aws/faults.ts';

const refusal = (code: string, message = ''): Error => Object.assign(new Error(message), { name: code });

describe('what AWS refuses', () => {
  it('tells of a denied call which permission is missing, without AWS’s encoded text', () => {
    const said = 'You are not authorized. Encoded authorization failure message: gAAAA';
    const error = asProviderError(refusal('UnauthorizedOperation', said), 'ec2:CreateImage');
    expect(error.fault).toBe('denied');
    expect(error.message).toContain('the permission ec2:CreateImage');
    expect(error.message).not.toContain('gAAAA');
  });

  it.each([
    ['RequestLimitExceeded', 'busy'],
    ['InsufficientInstanceCapacity', 'busy'],
    ['VcpuLimitExceeded', 'quota'],
    ['SnapshotLimitExceeded', 'quota'],
    ['ExpiredToken', 'denied'],
    ['InvalidAMIID.NotFound', 'unknown image'],
    ['ECONNRESET', 'unreachable'],
    ['CertificateNotFound', 'bad settings'],
    ['SomethingNew', 'unexpected state'],
  ] as const)('is told by its code: %s is the fault "%s"', (code, fault) => {
    const error = asProviderError(refusal(code), 'ec2:RunInstances');
    expect(error.fault).toBe(fault);
    expect(error.message).toContain('ec2:RunInstances');
  });

  it('is tried again when AWS itself failed, whatever code that has', () => {
    const failed = Object.assign(refusal('Odd'), { $metadata: { httpStatusCode: 503 } });
    expect(asProviderError(failed, 'ec2:DescribeImages').fault).toBe('unreachable');
  });
});
