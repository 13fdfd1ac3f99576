import './sdk-warning.ts';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Millis } from '../../pipeline/domain/time.ts';
import type { Call } from '../../pipeline/provider.ts';
import { tracedCall } from '../../tracing/call.ts';
import { type Budget, budgetOf } from './budget.ts';
import { asProviderError } from './faults.ts';
import { credentialsOf, type Role } from './role.ts';
import type { AwsSettings } from './settings.ts';

/** How long one call may take, with all its repetitions. */
export const callTime: Millis = 12_000;

/**
 * Connects early to nothing, repeats what was throttled at the rate that AWS takes (the SDK's adaptive mode). With a role
 * it acts as that.
 */
export const clientOptions = ({ region, ...role }: { region: string } & Role) => {
  const credentials = credentialsOf(region, role);
  return {
    region,
    retryMode: 'adaptive',
    maxAttempts: 4,
    requestHandler: { requestTimeout: 6_000, connectionTimeout: 3_000 },
    ...(credentials === undefined ? {} : { credentials }),
  };
};

/** The account, through the SDK's clients; all calls go by {@link Cloud.ask} or {@link Cloud.change}. */
export class Cloud {
  readonly settings: AwsSettings;
  readonly ec2: EC2Client;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly #budget: Budget | undefined;
  readonly #elsewhere = new Map<string, Cloud>();

  constructor(settings: AwsSettings) {
    this.settings = settings;
    const options = clientOptions(settings);
    this.#budget = budgetOf(settings, 'ec2', settings.share);
    this.ec2 = new EC2Client(options);
    this.ssm = new SSMClient(options);
    this.s3 = new S3Client({
      ...options,
      // Whoever uses a presigned URL sends no checksum of the SDK's kind.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** The same account in another region. */
  at(region: string): Cloud {
    if (region === this.settings.region) return this;
    const known = this.#elsewhere.get(region) ?? new Cloud({ ...this.settings, region });
    this.#elsewhere.set(region, known);
    return known;
  }

  /** One call that changes nothing. `action` is its name in IAM. Throws ProviderError. */
  async ask<Answer>(
    action: string,
    call: Pick<Call, 'signal'>,
    send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
    within: Millis = callTime,
  ): Promise<Answer> {
    await this.#budget?.take(call);
    return asked(action, call, send, within);
  }

  /** One call that changes something: not begun when the attempt has no time left for it. */
  async change<Answer>(
    action: string,
    call: Call,
    send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
    within: Millis = callTime,
  ): Promise<Answer> {
    call.ensureTime(within);
    await this.#budget?.take(call);
    call.ensureTime(within);
    return asked(action, call, send, within);
  }
}

/** One call of an SDK's client, which may take so long. `action` is its name in IAM. Throws ProviderError. */
export async function asked<Answer>(
  action: string,
  call: Pick<Call, 'signal'>,
  send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  within: Millis = callTime,
): Promise<Answer> {
  const late = AbortSignal.timeout(within);
  try {
    return await tracedCall(action, () => send({ abortSignal: AbortSignal.any([call.signal, late]) }));
  } catch (error) {
    if (late.aborted && !call.signal.aborted) throw asProviderError(late.reason, action);
    throw asProviderError(error, action);
  }
}
