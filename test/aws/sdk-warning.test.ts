import { expect, it, onTestFinished } from 'vitest';
import { readAwsSecret } from '../../src/config/aws-secret.ts';
import { clientOptions } from '../../src/providers/aws/cloud.ts';

it('nothing that speaks to AWS prints what the SDK says of Node.js', async () => {
  const warnings: string[] = [];
  const keep = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', keep);
  onTestFinished(() => void process.off('warning', keep));
  const { STSClient } = await import('@aws-sdk/client-sts');
  new STSClient(clientOptions({ region: 'eu-central-1' })).destroy();
  process.env.AWS_REGION = 'eu-central-1';
  process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'x';
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
  await expect(readAwsSecret('aws-ssm:/x')).rejects.toThrow('could not be asked');
  expect(warnings).toEqual([]);
});
