import '../providers/aws/sdk-warning.ts';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ProviderError } from '../pipeline/provider.ts';

/** How long one look may take, and how often it is tried: a secret is read while somebody waits. */
const calls = { maxAttempts: 2, requestHandler: { requestTimeout: 5_000, connectionTimeout: 2_000 } };

/**
 * Reads `aws-secret:NAME` or `aws-secret:NAME#key` (a key of a secret in JSON) from Secrets Manager, or `aws-ssm:NAME`
 * from SSM's Parameter Store, decrypted. Region and credentials are the SDK's own affair. Throws ProviderError
 * `bad settings`, `denied` or `unreachable`, which name the reference and never the value.
 */
export async function readAwsSecret(reference: string): Promise<string> {
  try {
    const value = reference.startsWith('aws-ssm:')
      ? await parameter(reference.slice('aws-ssm:'.length))
      : await secret(reference.slice('aws-secret:'.length));
    if (value !== undefined && value !== '') return value;
  } catch (cause) {
    throw translated(reference, cause);
  }
  throw new ProviderError(
    'bad settings',
    `The secret ${reference} is empty there; nothing was begun with it.`,
  );
}

async function parameter(name: string): Promise<string | undefined> {
  const client = new SSMClient(calls);
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value;
  } finally {
    client.destroy();
  }
}

async function secret(named: string): Promise<string | undefined> {
  const [name = '', key] = named.split('#');
  const client = new SecretsManagerClient(calls);
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return key === undefined || SecretString === undefined ? SecretString : keyOf(SecretString, key);
  } finally {
    client.destroy();
  }
}

function keyOf(text: string, key: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const found =
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
    return found === undefined ? undefined : String(found);
  } catch {
    return undefined;
  }
}

function translated(reference: string, cause: unknown): ProviderError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'ResourceNotFoundException' || name === 'ParameterNotFound') {
    return new ProviderError(
      'bad settings',
      `The secret ${reference} is not there; nothing was begun with it; make it, or correct the name.`,
      { cause },
    );
  }
  if (/AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|CredentialsProvider/.test(name)) {
    return new ProviderError(
      'denied',
      `AWS does not let this process read the secret ${reference}; nothing was begun with it; check its role.`,
      { cause },
    );
  }
  return new ProviderError(
    'unreachable',
    `AWS could not be asked for the secret ${reference} (${name}); nothing was begun with it.`,
    { cause },
  );
}
