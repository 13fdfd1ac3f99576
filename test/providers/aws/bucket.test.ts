import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { Bucket } from '../../../src/providers/aws/bucket.ts';
import { Cloud } from '../../../src/providers/aws/cloud.ts';
import { freeCall } from '../../support/settle.ts';
import { tempFolder } from '../../support/temp-folder.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A store that answers each upload with the next of these, when it has it whole; `got` are their digests. */
async function store(...answers: number[]) {
  const got: string[] = [];
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk);
    got.push(hash.digest('hex'));
    response.writeHead(answers.shift() ?? 200, { connection: 'close' });
    // As a proxy in between answers: no XML.
    response.end('<html><title>Trouble</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  const placing = { types: [], subnets: [], securityGroups: [] };
  const cloud = new Cloud({
    ...{ region: 'eu-central-1', bucket: 'packages', builders: placing },
    instances: { ...placing, port: 8080, boot: 1_000 },
    keep: async () => 'sha256:0',
    now: Date.now,
  });
  return { got, bucket: new Bucket(cloud) };
}

function packageFile() {
  const content = Buffer.alloc(300_000, 'bakery');
  const file = join(tempFolder(), 'package.tar');
  writeFileSync(file, content);
  return { file, size: content.length, digest: createHash('sha256').update(content).digest('hex') };
}

it('an upload that the store does not take is begun again with the whole file', async () => {
  const { got, bucket } = await store(500, 200);
  const { file, size, digest } = packageFile();
  await bucket.upload('hello/package', file, size, freeCall());
  expect(got).toEqual([digest, digest]);
});

it('an upload that is refused is not tried again, and one that fails thrice is said', async () => {
  const { file, size } = packageFile();
  const refusing = await store(403);
  await expect(refusing.bucket.upload('hello/package', file, size, freeCall())).rejects.toBeInstanceOf(
    ProviderError,
  );
  expect(refusing.got).toHaveLength(1);
  const away = await store(500, 500, 500);
  await expect(away.bucket.upload('hello/package', file, size, freeCall())).rejects.toMatchObject({
    fault: 'unreachable',
  });
  expect(away.got).toHaveLength(3);
});

it('an address holds for as long as it is asked for, by credentials that hold as long', async () => {
  const { bucket } = await store();
  const address = new URL(await bucket.address('PUT', 'us/commands/end', 600_000));
  expect(address.searchParams.get('X-Amz-Expires')).toBe('600');
  await expect(bucket.address('PUT', 'us/commands/end', 8 * 24 * 3_600_000)).rejects.toMatchObject({
    fault: 'bad settings',
  });
});

it('credentials that end before an address are renewed for it, and refused with a sentence when they cannot be', async () => {
  const endsIn = (minutes: number) =>
    vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + minutes * 60_000).toISOString());
  endsIn(30);
  const { bucket } = await store();
  await expect(bucket.address('PUT', 'us/commands/end', 40 * 60_000)).rejects.toMatchObject({
    fault: 'bad settings',
    message: expect.stringMatching(
      /^A machine has up to 40 min .*Nothing was begun; give the command a shorter/,
    ),
  });
  endsIn(60);
  expect(await bucket.address('PUT', 'us/commands/end', 40 * 60_000)).toContain('X-Amz-Expires=2400');
});

it('what a builder is given is signed by renewed credentials, and it is said when they end before a bake may', async () => {
  const endsIn = (minutes: number) =>
    vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + minutes * 60_000).toISOString());
  const { bucket } = await store();
  const lines: string[] = [];
  const renew = () => bucket.renew({ log: (line) => void lines.push(line) });
  endsIn(5.5);
  await renew();
  expect(lines).toEqual([
    expect.stringMatching(/^The builder's addresses are good for 5 min, .*session of this worker/),
  ]);
  // Renewed, they hold as long as a bake may take.
  endsIn(130);
  await renew();
  expect(lines).toHaveLength(1);
});
