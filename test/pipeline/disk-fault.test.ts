import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asProviderError, onDisk } from '../../src/pipeline/disk-fault.ts';
import { ProviderError } from '../../src/pipeline/provider.ts';

test('a write to a full disk is the fault "disk full", with what to do and the cause', async () => {
  const error = await onDisk('keep the bread', () => writeFile('/dev/full', 'bread')).catch(
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  expect(error).toMatchObject({ fault: 'disk full', cause: { code: 'ENOSPC' } });
  expect(error.message).toBe(
    'Bakery could not keep the bread. The disk is full; nothing that was there was changed. Make room, then retry.',
  );
});

test('a ProviderError stays what it is', () => {
  const fenced = new ProviderError('fenced', 'too late');
  expect(asProviderError(fenced, 'do it')).toBe(fenced);
});

test('an abort is "aborted", anything else an unexpected state', () => {
  const controller = new AbortController();
  controller.abort();
  expect(asProviderError(controller.signal.reason, 'do it').fault).toBe('aborted');
  expect(asProviderError(new Error('odd'), 'do it').message).toBe('Bakery could not do it. odd.');
});
