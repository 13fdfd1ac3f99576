import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { Engine } from '../../../src/providers/docker/engine.ts';
import { tempFolder } from '../../support/temp-folder.ts';

it('an engine whose TLS file is not there is refused with the file, the engine and what to do', () => {
  const file = (name: string) => join(tempFolder(), name);
  const settings = {
    url: 'tcp://engine.example:2376',
    address: '127.0.0.1',
    tls: { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') },
  };
  const made = () => new Engine('engine', settings);
  expect(made).toThrow(ProviderError);
  expect(made).toThrow(
    /ca\.pem for TLS with the engine tcp:\/\/engine\.example:2376 cannot be read.*bot\.yaml/,
  );
});
