import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll } from 'vitest';
import { migratingContract } from '../../contract/migrating.ts';
import { account, providerRig } from './account.ts';

const reference = 'aws-ssm:/hello/password';

beforeAll(async () => {
  const { region } = account();
  const Name = reference.slice('aws-ssm:'.length);
  const told = { Name, Value: 'open sesame', Type: 'SecureString', Overwrite: true } as const;
  await new SSMClient({ region }).send(new PutParameterCommand(told));
});

// No worker reads the secret: instances do, by their profile.
migratingContract(
  'AWS',
  async () => {
    const { profile, network, subnets, securityGroup } = account();
    const placing = { types: ['t3.small'], subnets, securityGroups: [securityGroup] };
    return {
      ...(await providerRig({ instances: { ...placing, profile, port: 8080, boot: 60_000 } })),
      host: `${network}.255.254`,
      reference,
      patience: 120_000,
    };
  },
  240_000,
);
