import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { DescribeInstanceAttributeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, expect, it, vi } from 'vitest';
import type { Setting } from '../../../src/pipeline/domain/settings.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { account, settings } from './account.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const { base, profile, region } = account();
const name = `own-${randomBytes(4).toString('hex')}`;
const mark = (effect: string): Mark => ({
  ...{ owner: name, service: 'hello', version: 1, environment: 'staging' },
  ...{ effect, generation: 1, epoch: 0 },
});
const { instances, ...rest } = settings();
const provider = awsProvider('aws', { ...rest, instances: { ...instances, profile } });

/** Tells what is its machine's own: its id, and what it was told of secrets. */
const telling = `
  const { readFileSync } = require('fs');
  const { TOKEN, PART, CODE, GREETING } = process.env;
  const said = { machine: readFileSync('/etc/machine-id', 'utf8').trim(), TOKEN, PART, CODE, GREETING };
  require('http').createServer((q, s) => s.end(JSON.stringify(said))).listen(process.env.PORT, process.env.HOST);`;

afterAll(async () => {
  for (const { what, id } of await provider.list(name, freeCall()))
    if (what === 'instance') await persist(() => provider.terminate(id, 500, freeCall()));
  for (const { id } of await provider.list(name, freeCall()))
    await persist(() => provider.removeImage(id, freeCall()));
  expect(await provider.list(name, freeCall())).toEqual([]);
});

it('instances of one image are machines of their own, which read their secrets themselves', async () => {
  const hidden = { token: `hidden ${name}`, part: `part ${name}`, code: `code ${name}` };
  const manager = new SecretsManagerClient({ region });
  await manager.send(new CreateSecretCommand({ Name: `${name}/token`, SecretString: hidden.token }));
  const json = JSON.stringify({ bot: hidden.part });
  await manager.send(new CreateSecretCommand({ Name: `${name}/json`, SecretString: json }));
  const parameter = { Name: `/${name}/code`, Value: hidden.code, Type: 'SecureString' } as const;
  await new SSMClient({ region }).send(new PutParameterCommand(parameter));

  const image = await persist(async () =>
    provider.bake(
      {
        ...(await tarOf(tempFolder(), { 'tell.js': telling })),
        recipe: { base, packages: [], start: ['node', 'tell.js'] },
        ...{ files: new Map(), sha: 'a'.repeat(40), mark: mark('bake.hello.v1') },
      },
      freeCall(),
    ),
  );
  const told: Record<string, Setting> = {
    TOKEN: { secret: `aws-secret:${name}/token` },
    PART: { secret: `aws-secret:${name}/json#bot` },
    CODE: { secret: `aws-ssm:/${name}/code` },
    GREETING: { value: 'Hello' },
  };
  const ec2 = new EC2Client({ region });
  const machines = new Set<string>();
  for (const ordinal of [0, 1]) {
    const spec = { start: ['node', 'tell.js'], health: { path: '/', within: 60_000 }, grace: 500 };
    const order = {
      ...{ image, spec: { ...spec, ordinal, settings: told }, environment: { GREETING: 'Hello' } },
      mark: mark(`launch.${ordinal}`),
    };
    const { id, address } = await persist(() => provider.launch(order, freeCall()));
    const { machine, ...said } = JSON.parse(await (await fetch(address)).text());
    expect(said).toEqual({ TOKEN: hidden.token, PART: hidden.part, CODE: hidden.code, GREETING: 'Hello' });
    machines.add(machine);
    const asked = new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'userData' });
    const data = (await ec2.send(asked)).UserData?.Value ?? '';
    const text = gunzipSync(Buffer.from(data, 'base64')).toString('utf8');
    // The references are there to be read, and nothing that they stand for.
    expect(text).toContain(`aws-secret:${name}/token`);
    for (const value of Object.values(hidden)) expect(text).not.toContain(value);
  }
  expect([...machines].filter((id) => /^[0-9a-f]{32}$/.test(id))).toHaveLength(2);
});
