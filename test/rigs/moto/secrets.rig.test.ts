import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSecret } from '../../../src/config/secret.ts';

beforeAll(async () => {
  const manager = new SecretsManagerClient({});
  await manager.send(new CreateSecretCommand({ Name: 'bakery/token', SecretString: 'xoxb-from-aws' }));
  await manager.send(
    new CreateSecretCommand({
      Name: 'bakery/slack',
      SecretString: JSON.stringify({ bot: 'xoxb-in-json', n: 7 }),
    }),
  );
  await new SSMClient({}).send(
    new PutParameterCommand({ Name: '/bakery/webhook', Value: 'signed', Type: 'SecureString' }),
  );
});

describe('a secret in AWS', () => {
  it('is read from Secrets Manager and from SSM by their SDKs', async () => {
    expect(await readSecret('aws-secret:bakery/token')).toBe('xoxb-from-aws');
    expect(await readSecret('aws-secret:bakery/slack#bot')).toBe('xoxb-in-json');
    expect(await readSecret('aws-ssm:/bakery/webhook')).toBe('signed');
  });

  it.each(['aws-secret:bakery/none', 'aws-secret:bakery/slack#none', 'aws-ssm:/bakery/none'])(
    'that is not there (%s) is told by its reference',
    async (reference) => {
      const told = readSecret(reference);
      await expect(told).rejects.toMatchObject({
        fault: 'bad settings',
        message: expect.stringContaining(reference),
      });
    },
  );
});
