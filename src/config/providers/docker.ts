import { resolve } from 'node:path';
import * as z from 'zod';
import { name } from '../fields.ts';
import { host, memory, path } from '../place-fields.ts';
import { secretReference } from '../secret.ts';
import { named, strict } from '../strict.ts';

const kind = 'bot.yaml';

const engineUrl = z
  .string()
  .regex(
    /^(?:unix:\/\/\/[^\p{Cc}]{1,1000}|tcp:\/\/[A-Za-z0-9.:[\]-]{1,255}:[0-9]{1,5}|ssh:\/\/[A-Za-z0-9_.@:-]{1,255})$/u,
    {
      error: 'must be unix:///path/to/docker.sock, tcp://host:2376 or ssh://user@host; correct it.',
    },
  );

const engine = strict(kind, {
  url: engineUrl,
  address: host.default('127.0.0.1'),
  tls: strict(kind, { ca: path, cert: path, key: path }).optional(),
}).refine((made) => !made.url.startsWith('tcp:') || made.tls !== undefined, {
  path: ['tls'],
  error:
    '`tls` is missing: an engine on TCP without it gives its host to everybody who reaches the port; add ca, cert and key.',
});

const registry = strict(kind, {
  repository: z.string().regex(/^[a-z0-9.-]+(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/, {
    error: 'must be host[:port]/path in lower case, like registry.example.com:5000/bakery; correct it.',
  }),
  username: z.string().min(1).max(255).optional(),
  password: secretReference.optional(),
  insecure: z.boolean().default(false),
});

const portRange = z
  .string()
  .regex(/^[0-9]{2,5}-[0-9]{2,5}$/, { error: 'must be a range, like 20000-29999; correct it.' })
  .transform((text, context) => {
    const [from = 0, to = 0] = text.split('-').map(Number);
    if (from < 1024 || to > 65_535 || to < from)
      context.issues.push({
        code: 'custom',
        input: text,
        message: 'must lie between 1024 and 65535, the lower port first.',
      });
    return { from, to };
  });

/** A provider of kind `docker`, as it stands in bot.yaml: one or more Docker engines. */
export const dockerProviderFile = strict(kind, {
  kind: z.literal('docker'),
  engines: named(name, engine).refine((engines) => Object.keys(engines).length > 0, {
    error: 'names no engine; add one, like one: { url: unix:///var/run/docker.sock }.',
  }),
  registry: registry.optional(),
  network: name.default('bakery'),
  ports: portRange.prefault('20000-29999'),
  limits: strict(kind, {
    memory: memory.prefault('512m'),
    cpus: z.number().min(0.05).max(512).default(1),
    pids: z.int().min(16).max(100_000).default(512),
  }).prefault({}),
}).refine((made) => made.registry !== undefined || Object.keys(made.engines).length < 2, {
  path: ['registry'],
  error: '`registry` is missing: several engines need one, from which each pulls the same image.',
});

/** The same, checked. Paths are absolute; the password is a reference. */
export type DockerProviderSettings = z.output<typeof dockerProviderFile>;

export const toDockerProvider = (made: DockerProviderSettings, dir: string): DockerProviderSettings => ({
  ...made,
  engines: Object.fromEntries(
    Object.entries(made.engines).map(([engineName, { tls, ...rest }]) => [
      engineName,
      {
        ...rest,
        ...(tls === undefined
          ? {}
          : { tls: { ca: resolve(dir, tls.ca), cert: resolve(dir, tls.cert), key: resolve(dir, tls.key) } }),
      },
    ]),
  ),
});
