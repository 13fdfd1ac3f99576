import * as z from 'zod';
import type {
  Command,
  DeclaredVariable,
  HealthCheck,
  Recipe,
  ServiceFile,
  Suite,
} from '../pipeline/domain/service-file.ts';
import { readDocument } from './document.ts';
import { argv, duration, insidePath, limit, name, urlPath, variableName } from './fields.ts';
import { hookCommandsFile, toHookCommands } from './hooks.ts';
import { memory } from './place-fields.ts';
import { imageName, recipeFile, toRecipe, imagePath as writablePath } from './recipe.ts';
import { named, strict } from './strict.ts';

const kind = 'bakery.yaml';
const command = { run: argv, timeout: limit.prefault('10m') };

const httpCheck = strict(kind, {
  path: urlPath,
  status: z.int().min(100).max(599).default(200),
  contains: z.string().min(1).max(1000).optional(),
});

const suite = strict(kind, {
  kind: z.enum(['functional', 'integration', 'regression']),
  http: z.array(httpCheck).max(100).default([]),
  run: argv.optional(),
  timeout: limit.prefault('10m'),
  junit: insidePath.optional(),
})
  .refine((made) => made.http.length > 0 || made.run !== undefined, {
    error: 'checks nothing: give it `http` checks, a `run` command, or both.',
  })
  .refine((made) => made.junit === undefined || made.run !== undefined, {
    path: ['junit'],
    error: 'is written by the command, and there is no `run`; add the command or remove `junit`.',
  });

const variable = strict(kind, {
  type: z.enum(['string', 'number', 'boolean', 'url', 'secret']),
  required: z.boolean().default(true),
});

const health = strict(kind, {
  path: urlPath.optional(),
  by: z.enum(['http', 'tcp', 'image'], { error: 'must be http, tcp or image; correct it.' }).default('http'),
  within: limit.prefault('30s'),
}).refine((made) => made.path !== undefined || made.by !== 'http', {
  path: ['path'],
  error: 'is missing; add the path that answers 200 when the service is well, like /healthz.',
});

/** A place on disk, or of so much memory. */
const writable = z.union([z.literal('disk'), memory], {
  error: 'must be `disk`, or a size of memory like 64m; correct it.',
});

const version = z
  .union([z.int().positive(), z.string().regex(/^v?[1-9]\d{0,8}$/)], {
    error: 'must be a version of this service, like v41; correct it.',
  })
  .transform((given) => Number(String(given).replace(/^v/, '')));

/** `bakery.yaml`, as it stands in a service's repository. */
export const serviceFileSchema = strict(kind, {
  build: z.union(
    [
      z.literal('external'),
      strict(kind, {
        image: imageName.optional(),
        compile: strict(kind, command).optional(),
        test: strict(kind, command).optional(),
        package: strict(kind, { ...command, file: insidePath }).optional(),
      }),
    ],
    {
      error: ({ input }) =>
        typeof input === 'object'
          ? undefined
          : 'must be `external`, or say how it is compiled, tested and packaged; correct it.',
    },
  ),
  image: recipeFile,
  health,
  writable: named(writablePath, writable).default({}),
  grace: duration.prefault('10s'),
  variables: named(variableName, variable).default({}),
  suites: named(name, suite).default({}),
  hooks: hookCommandsFile.default({}),
  migrate: strict(kind, { ...command, rollbackTo: version.optional() }).optional(),
}).refine(
  ({ build, image }) => build === 'external' || build.package !== undefined || image.dockerfile !== undefined,
  {
    path: ['build', 'package'],
    error: 'is missing; add it, or let `image.dockerfile` take the repository itself.',
  },
);

export type ServiceFileReading =
  | { ok: true; file: ServiceFile }
  | { ok: false; problems: { line: number; sentence: string }[] };

/** Reads a service's `bakery.yaml`; `file` names it in the problems. Never throws for what stands in the text. */
export function parseServiceFile(text: string, file: string): ServiceFileReading {
  const reading = readDocument(text, file, serviceFileSchema);
  if (!reading.ok) return reading;
  return { ok: true, file: toServiceFile(reading.value) };
}

type Parsed = z.output<typeof serviceFileSchema>;

function toServiceFile(parsed: Parsed): ServiceFile {
  return {
    build: toBuild(parsed.build),
    recipe: { ...toRecipe(parsed.image), ...toFolders(parsed) },
    health: toHealth(parsed.health),
    variables: Object.entries(parsed.variables).map(
      ([name, { type, required }]): DeclaredVariable => ({ name, type, required }),
    ),
    suites: Object.entries(parsed.suites).map(([name, made]) => toSuite(name, made)),
    ...(Object.keys(parsed.hooks).length === 0 ? {} : { hooks: toHookCommands(parsed.hooks) }),
    ...toMigration(parsed.migrate),
    grace: parsed.grace,
    ...toWritable(parsed.writable),
  };
}

function toBuild(build: Parsed['build']): ServiceFile['build'] {
  if (build === 'external') return { commands: [], external: true };
  const commands: ServiceFile['build']['commands'] = [];
  if (build.compile) commands.push({ name: 'compile', command: toCommand(build.compile) });
  if (build.test) commands.push({ name: 'test', command: toCommand(build.test) });
  if (build.package) commands.push({ name: 'package', command: toCommand(build.package) });
  return {
    commands,
    ...(build.package === undefined ? {} : { package: build.package.file }),
    ...(build.image === undefined ? {} : { image: build.image }),
  };
}

const toHealth = ({ path = '/', by, within }: Parsed['health']): HealthCheck => ({
  path,
  within,
  ...(by === 'http' ? {} : { by }),
});

/** A volume takes its rights from the folder that the image has there; a Dockerfile makes it by itself. */
const toFolders = ({ image, writable }: Parsed): Pick<Recipe, 'folders'> => {
  const folders = Object.entries(writable).flatMap(([path, what]) => (what === 'disk' ? [path] : []));
  return folders.length === 0 || image.dockerfile !== undefined ? {} : { folders };
};

const toWritable = (made: Parsed['writable']): Pick<ServiceFile, 'writable'> => {
  const all = Object.entries(made).map(([path, what]) =>
    what === 'disk' ? { path } : { path, memory: what },
  );
  return all.length === 0 ? {} : { writable: all };
};

const toCommand = (made: { run: string[]; timeout: number }): Command => ({
  argv: made.run,
  timeout: made.timeout,
});

const toMigration = (made: Parsed['migrate']): Pick<ServiceFile, 'migrate'> =>
  made === undefined
    ? {}
    : {
        migrate: {
          ...toCommand(made),
          ...(made.rollbackTo === undefined ? {} : { rollbackTo: made.rollbackTo }),
        },
      };

const toSuite = (name: string, made: Parsed['suites'][string]): Suite => ({
  name,
  kind: made.kind,
  http: made.http.map(({ path, status, contains }) => ({
    path,
    status,
    ...(contains === undefined ? {} : { contains }),
  })),
  ...(made.run === undefined ? {} : { command: { argv: made.run, timeout: made.timeout } }),
  ...(made.junit === undefined ? {} : { junit: made.junit }),
});
