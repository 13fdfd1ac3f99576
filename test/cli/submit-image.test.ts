import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';
import { expect, it } from 'vitest';
import { withPackageOf } from '../../src/cli/submit-image.ts';

const digest = `sha256:${'b'.repeat(64)}`;

it('an image that a CI has pushed is handed over as the same package each time', async () => {
  const digests: string[] = [];
  for (const image of [
    `registry.example.com:5000/acme/hello@${digest}`,
    `registry.example.com:5000/acme/hello@${digest}`,
  ])
    await withPackageOf(image, async (file) => {
      digests.push(createHash('sha256').update(readFileSync(file)).digest('hex'));
      const folder = mkdtempSync(join(tmpdir(), 'bakery-test-'));
      await extract({ file, cwd: folder });
      expect(readFileSync(join(folder, 'Dockerfile'), 'utf8')).toBe(`FROM ${image}\n`);
    });
  expect(new Set(digests).size).toBe(1);
});

it('nothing is left of the package, whatever becomes of it', async () => {
  let made = '';
  const failing = withPackageOf(`a.example.com/b@${digest}`, async (file) => {
    made = file;
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow('refused');
  expect(existsSync(made)).toBe(false);
});

it.each([
  'registry.example.com/acme/hello:v1',
  'registry.example.com/acme/hello',
  `hello@${digest}`,
  `registry.example.com/acme/hello@sha256:abc`,
  `a.example.com/b@${digest}\nRUN id`,
  `--platform=x a.example.com/b@${digest}`,
])('what names no image by its digest is refused: %j', async (image) => {
  await expect(withPackageOf(image, async () => 'made')).rejects.toMatchObject({ fault: 'no package' });
});
