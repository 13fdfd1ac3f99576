import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { ProviderError } from '../../pipeline/provider.ts';
import { asProviderError } from './faults.ts';

/** A role of the account that is meant, where that is another one than the worker's own. */
export interface Role {
  /** Its ARN. */
  role?: string | undefined;
  /** What its trust asks for beside the account, so that nobody else has it assumed (STS, "The confused deputy problem"). */
  externalId?: string | undefined;
}

/** Seconds: an hour is the longest that a role which was assumed may assume another one for (STS, "Role chaining"). */
const goodFor = 3_600;

/**
 * Credentials of a role, for the SDK, which asks anew before they run out. Throws ProviderError that names
 * `sts:AssumeRole` and the role. Undefined without a role: the SDK finds the worker's own.
 */
export function credentialsOf(
  region: string,
  { role, externalId }: Role,
): (() => Promise<AwsCredentialIdentity>) | undefined {
  if (role === undefined) return undefined;
  const sts = new STSClient({ region, maxAttempts: 4 });
  const command = new AssumeRoleCommand({
    ...{ RoleArn: role, RoleSessionName: 'bakery', DurationSeconds: goodFor, ExternalId: externalId },
  });
  return async () => {
    try {
      return credentialsIn((await sts.send(command)).Credentials);
    } catch (error) {
      const { fault, message } = asProviderError(error, 'sts:AssumeRole');
      throw new ProviderError(fault, `${role} could not be assumed. ${message}`, { cause: error });
    }
  };
}

function credentialsIn(
  told: {
    AccessKeyId?: string | undefined;
    SecretAccessKey?: string | undefined;
    SessionToken?: string | undefined;
    Expiration?: Date | undefined;
  } = {},
): AwsCredentialIdentity {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = told;
  return {
    ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    ...(Expiration === undefined ? {} : { expiration: Expiration }),
  };
}
