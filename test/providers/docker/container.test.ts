import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerOf } from '../../../src/providers/docker/container.ts';
import { labelsOf, markOf } from '../../../src/providers/docker/labels.ts';
import { unframed } from '../../../src/providers/docker/output.ts';
import { isSameMark } from '../../../src/providers/mark-fields.ts';

const mark = {
  owner: 'us',
  service: 'hello',
  version: 12,
  environment: 'production',
  effect: 'launch.1',
  generation: 1,
  epoch: 3,
};
const order = {
  image: {
    provider: 'docker',
    id: 'sha256:i',
    digest: 'sha256:i',
    manifest: 'sha256:m',
    size: 1,
    reused: false,
  },
  spec: { start: ['node', 'a b'], health: { path: '/', within: 1 }, grace: 1, settings: {} },
  environment: { GREETING: 'Hello', PORT: '1' },
  mark,
};
const place = {
  bind: '127.0.0.1',
  port: 20_000,
  network: 'bakery',
  limits: { memory: 256 * 1024 ** 2, cpus: 0.5, pids: 100 },
  now: 5,
};

test('a container gains no rights and writes to no place but memory', () => {
  expect(containerOf(order, place).HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Memory: 256 * 1024 ** 2,
    MemorySwap: 256 * 1024 ** 2,
    NanoCpus: 500_000_000,
    PidsLimit: 100,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  });
});

test('a container runs what the service starts, word for word, on the port that it is told', () => {
  const made = containerOf(order, place);
  expect(made).toMatchObject({ Entrypoint: [''], Cmd: ['node', 'a b'] });
  expect(made.Env).toEqual(['GREETING=Hello', 'PORT=8080', 'HOST=0.0.0.0']);
  expect(made.HostConfig?.PortBindings).toEqual({ '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '20000' }] });
});

test('a mark is read back from its labels as it was', () => {
  const text = fc.string({ minLength: 1, maxLength: 30 });
  const number = fc.nat();
  const marks = fc.record({
    owner: text,
    service: text,
    version: number,
    environment: text,
    effect: text,
    generation: number,
    epoch: number,
  });
  fc.assert(
    fc.property(marks, (made) => {
      expect(markOf(labelsOf(made, 'instance'))).toEqual(made);
      expect(isSameMark(markOf(labelsOf(made, 'image')), made)).toBe(true);
    }),
  );
  expect(markOf({})).toBeUndefined();
  expect(markOf({ ...labelsOf(mark, 'image'), 'bakery.version': 'x' })).toBeUndefined();
});

test('output is read without the frames of the engine, wherever it is cut', () => {
  const frame = (stream: number, text: string): Buffer => {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(8);
    head.writeUInt8(stream, 0);
    head.writeUInt32BE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  };
  expect(unframed(Buffer.concat([frame(1, 'wa'), frame(2, 'rm\n'), frame(1, 'ö')]))).toBe('warm\nö');
  expect(unframed(frame(1, 'cut off').subarray(0, 5))).toBe('');
});
