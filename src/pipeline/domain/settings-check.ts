import type { EnvironmentPolicy } from './policy.ts';
import type { DeclaredVariable, ServiceFile } from './service-file.ts';
import type { Setting } from './settings.ts';

export interface SettingsQuestion {
  file: Pick<ServiceFile, 'variables'>;
  environment: Pick<EnvironmentPolicy, 'name' | 'settings' | 'hosts'>;
  others: readonly Pick<EnvironmentPolicy, 'name' | 'hosts'>[];
}

/**
 * What keeps a release from running with an environment's settings, one sentence each: a declared variable that
 * is missing or of the wrong type, and a value that names another environment's host. Values are not repeated.
 */
export function settingsProblems({ file, environment, others }: SettingsQuestion): string[] {
  const { values } = environment.settings;
  const declared = file.variables.flatMap((variable) => {
    const setting = Object.hasOwn(values, variable.name) ? values[variable.name] : undefined;
    const problem = setting === undefined ? missing(variable) : misfit(variable, setting);
    return problem === undefined ? [] : [problem];
  });
  const foreign = Object.entries(values).flatMap(([name, setting]) => {
    const owner = 'value' in setting ? foreignHost(setting.value, environment, others) : undefined;
    return owner === undefined
      ? []
      : [
          `\`${name}\` names ${owner.host}, a host of ${owner.environment}; set it to one of ${environment.name}'s own.`,
        ];
  });
  return [...declared, ...foreign];
}

const missing = ({ name, required }: DeclaredVariable): string | undefined =>
  required
    ? `the service needs \`${name}\` and its settings do not have it; add it to the environment's settings.`
    : undefined;

/** A secret's value is not known here, so that only plain values are checked against their type. */
function misfit({ name, type }: DeclaredVariable, setting: Setting): string | undefined {
  if ('secret' in setting) return undefined;
  if (type === 'secret')
    return `\`${name}\` is a secret and stands as a plain value; replace it by a reference, { secret: env:NAME }.`;
  return fits[type](setting.value) ? undefined : `\`${name}\` must be ${words[type]}; correct its value.`;
}

const fits = {
  string: () => true,
  number: (value: string) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value)),
  boolean: (value: string) => value === 'true' || value === 'false',
  url: (value: string) => /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(value) && URL.canParse(value),
};

const words = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  url: 'a URL with its scheme',
};

/** The most exact host that a value names decides whose it is, so that a.example may be ours in another's example. */
function foreignHost(
  value: string,
  environment: SettingsQuestion['environment'],
  others: SettingsQuestion['others'],
): { host: string; environment: string } | undefined {
  const own = environment.hosts.filter((host) => names(value, host));
  const found = others
    .filter(({ name }) => name !== environment.name)
    .flatMap(({ name, hosts }) => hosts.map((host) => ({ host, environment: name })))
    .filter(({ host }) => names(value, host))
    .sort((a, b) => b.host.length - a.host.length)
    .find(({ host }) => !own.some((mine) => names(mine, host)));
  return found;
}

/** Whether a text names a host or one below it: `db.prod` in `redis://x@db.prod:1/`, not in `db.prod.example`. */
export function names(text: string, host: string): boolean {
  if (host === '') return false;
  const inside = text.toLowerCase();
  const wanted = host.toLowerCase();
  for (let at = inside.indexOf(wanted); at >= 0; at = inside.indexOf(wanted, at + 1)) {
    const before = inside.slice(0, at);
    const after = inside.slice(at + wanted.length);
    if (!/[a-z0-9_-]$/.test(before) && !/^\.?[a-z0-9_-]/.test(after)) return true;
  }
  return false;
}
