import type { Fault } from '../../pipeline/domain/fault.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** The code of AWS's answer, or of the SDK's own or the system's error. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  const code = 'Code' in error ? error.Code : 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.name;
};

const isOneOf =
  (...codes: string[]) =>
  (error: unknown): boolean =>
    codes.includes(codeOf(error));

// Codes: EC2 API Reference, "Error codes"; "Common errors" of each service's API reference.
export const isNoSuchInstance = isOneOf('InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed');
export const isNoSuchImage = isOneOf(
  'InvalidAMIID.NotFound',
  'InvalidAMIID.Malformed',
  'InvalidAMIID.Unavailable',
);
export const isNoSuchSnapshot = isOneOf('InvalidSnapshot.NotFound', 'InvalidSnapshotID.Malformed');
/** Made before with the same client token and other parameters: by another copy of the call. */
export const isMadeBefore = isOneOf('IdempotentParameterMismatch');
export const isNameTaken = isOneOf('InvalidAMIName.Duplicate');
const isNoCertificate = isOneOf('CertificateNotFound', 'CertificateNotFoundException');
export const isNoSuchObject = isOneOf('NoSuchKey', 'NotFound');
/** Not here and not now: another zone or another type may do. */
export const isNoRoom = isOneOf(
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'InsufficientCapacity',
  'InsufficientFreeAddressesInSubnet',
  'Unsupported',
);

const denied = new Set([
  'UnauthorizedOperation',
  'AccessDenied',
  'AccessDeniedException',
  'OptInRequired',
  'AuthorizationHeaderMalformed',
  '403',
]);
const expired = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'CredentialsProviderError',
  'TokenProviderError',
  'InvalidAccessKeyId',
]);
const throttled = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'EC2ThrottledException',
  'SlowDown',
]);
const away = new Set([
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'ServiceUnavailable',
  'Unavailable',
  'ServerInternal',
]);

/**
 * A failure of AWS as the one error that ports throw; a ProviderError stays what it is. `action` is the call as IAM
 * names it, like `ec2:RunInstances`, so that a refusal tells which permission is missing.
 */
export function asProviderError(error: unknown, action: string): ProviderError {
  if (error instanceof ProviderError) return error;
  const code = codeOf(error);
  const { fault, advice } = judge(error, code, action);
  const said = error instanceof Error ? error.message.split('Encoded authorization')[0]?.trim() : '';
  const words = [code, said].filter((one) => one !== '' && one !== undefined).join(': ');
  return new ProviderError(fault, `AWS refused or failed ${action} (${words.slice(0, 400)}). ${advice}`, {
    cause: error,
  });
}

function judge(error: unknown, code: string, action: string): { fault: Fault; advice: string } {
  const left = 'What runs was left as it is.';
  if (code === 'AbortError' && error instanceof Error)
    return { fault: 'aborted', advice: 'It was cancelled.' };
  if (denied.has(code))
    return {
      fault: 'denied',
      advice: `Nothing was changed. Give the role of this worker the permission ${action}; examples/aws has the whole policy.`,
    };
  if (expired.has(code))
    return {
      fault: 'denied',
      advice: `${left} The session or the keys of this worker are no longer good: renew them (a role needs no renewing), and see that its clock is right; then retry.`,
    };
  if (throttled.has(code))
    return { fault: 'busy', advice: `${left} The account's rate of calls is used up; Bakery tries again.` };
  if (isNoRoom(error))
    return {
      fault: 'busy',
      advice: `${left} No zone and type of the list has room now. Bakery tries again; name more types or subnets in bot.yaml.`,
    };
  if (/LimitExceeded|QuotaExceeded|^TooMany|^TargetGroupAssociationLimit/i.test(code))
    return { fault: 'quota', advice: `${left} Ask AWS to raise that quota (Service Quotas), then retry.` };
  if (isNoSuchImage(error))
    return { fault: 'unknown image', advice: 'Nothing was started; bake that release again.' };
  if (isNoCertificate(error))
    return {
      fault: 'bad settings',
      advice: `${left} Correct \`certificate\` in bot.yaml: the ARN of one that ACM has in the load balancer's region.`,
    };
  if (away.has(code) || statusOf(error) >= 500)
    return { fault: 'unreachable', advice: `${left} Bakery tries again.` };
  return { fault: 'unexpected state', advice: `${left} Look at it in AWS's console, then retry.` };
}

/** The HTTP status of the answer, which the SDK keeps beside each error; 0 when there was none. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('$metadata' in error)) return 0;
  const metadata = error.$metadata;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
    ? Number(metadata.httpStatusCode ?? 0)
    : 0;
}

/** What `look` finds; undefined when AWS says, in one of these ways, that there is no such thing. */
export async function unless<Value>(
  isGone: (error: unknown) => boolean,
  look: Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isGone(error instanceof ProviderError ? error.cause : error)) return undefined;
    throw error;
  }
}
