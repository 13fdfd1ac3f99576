import type { EnvironmentPolicy, ServicePolicy } from '../pipeline/domain/policy.ts';
import { accessProblem } from './access.ts';
import type { Config } from './config.ts';
import { nearest } from './nearest.ts';
import { outOfReach } from './reach.ts';

/** What is wrong, at a key of a service's file. */
interface Finding {
  path: string[];
  sentence: string;
}

type Bot = Pick<Config, 'providers' | 'balancers' | 'slack' | 'http'>;

/** What one service's policy asks for that the installation or the policy itself does not give. */
export function policyFindings(policy: ServicePolicy, bot: Bot): Finding[] {
  const findings: Finding[] = [];
  const missing = unknownName('provider', policy.provider, bot.providers);
  if (missing !== undefined) findings.push({ path: ['provider'], sentence: missing });
  const closed = policy.access && accessProblem(policy.access, policy.repository);
  if (closed !== undefined) findings.push({ path: ['access'], sentence: closed });
  for (const environment of policy.environments) {
    const path = ['environments', environment.name];
    for (const { key, sentence } of environmentFindings(environment, policy, bot))
      findings.push({ path: [...path, key], sentence });
  }
  return findings;
}

function* environmentFindings(
  environment: EnvironmentPolicy,
  policy: ServicePolicy,
  bot: Bot,
): Generator<{ key: string; sentence: string }> {
  const { name } = environment;
  if (environment.provider !== policy.provider) {
    const missing = unknownName('provider', environment.provider, bot.providers);
    const far = outOfReach(
      { name: policy.provider, made: bot.providers.get(policy.provider) },
      { name: environment.provider, made: bot.providers.get(environment.provider) },
    );
    const problem = missing ?? far;
    if (problem !== undefined) yield { key: 'provider', sentence: problem };
  }
  yield* trafficFindings(environment, bot);
  const provider = bot.providers.get(environment.provider);
  if (environment.production && provider?.kind === 'local' && !provider.allowProduction)
    yield {
      key: 'production',
      sentence: `\`${name}\` is production on the provider \`${environment.provider}\` of kind local, which does not isolate; set its \`allowProduction: true\` in bot.yaml if this is meant.`,
    };
  yield* approvalFindings(environment, policy);
  const shared = environment.production ? sharedSecret(environment, policy) : undefined;
  if (shared !== undefined)
    yield {
      key: 'settings',
      sentence: `\`${shared}\` gives verify the same secret as production; a candidate never gets production's secrets, so give verify its own.`,
    };
}

function* trafficFindings(
  { name, balancer, port, traffic, overlap }: EnvironmentPolicy,
  { balancers }: Bot,
): Generator<{ key: string; sentence: string }> {
  if (traffic === 'none') return;
  if (overlap === false)
    yield {
      key: 'overlap',
      sentence: `\`overlap: false\` would leave \`${name}\` with nothing that serves; remove it, or set \`traffic: none\` if this is a worker.`,
    };
  if (port === 0)
    yield {
      key: 'port',
      sentence: `\`${name}\` has no \`port\`; add the one of its front door, or \`traffic: none\` for a worker.`,
    };
  const unbalanced = unknownName('balancer', balancer, balancers);
  if (balancer === '')
    yield {
      key: 'balancer',
      sentence: `\`${name}\` has no \`balancer\`; name one of bot.yaml in it or in defaults.`,
    };
  else if (unbalanced !== undefined) yield { key: 'balancer', sentence: unbalanced };
}

function* approvalFindings(environment: EnvironmentPolicy, policy: ServicePolicy) {
  const { name, promotion, approvals } = environment;
  if (promotion === 'auto' && approvals > 0)
    yield {
      key: 'approvals',
      sentence: `\`${name}\` promotes by itself and asks for approvals; set \`promotion: approval\` or \`approvals: 0\`.`,
    };
  if (promotion === 'approval' && approvals === 0)
    yield {
      key: 'approvals',
      sentence: `\`${name}\` waits for approval and asks for none; set \`approvals\` to 1 or more, or \`promotion: auto\`.`,
    };
  const approvers = new Set(policy.peopleIn?.[name]?.approve ?? policy.people.approve ?? []);
  const isCountable = [...approvers].every((entry) => /\/[UW]/.test(entry));
  // Whom a group or a channel holds is Slack's; nobody at all means the administrators.
  if (isCountable && approvers.size > 0 && approvers.size < approvals)
    yield {
      key: 'approvals',
      sentence: `\`${name}\` asks for ${approvals} approvals and \`people.approve\` names ${approvers.size}; name more people or ask for fewer.`,
    };
}

function sharedSecret(production: EnvironmentPolicy, policy: ServicePolicy): string | undefined {
  const secrets = new Set(
    Object.values(production.settings.values).flatMap((setting) =>
      'secret' in setting ? [setting.secret] : [],
    ),
  );
  const found = Object.entries(policy.verify.values).find(
    ([, setting]) => 'secret' in setting && secrets.has(setting.secret),
  );
  return found?.[0];
}

/** What is wrong with where builds run; undefined when nothing is. */
export function buildsProblem({
  worker,
  providers,
}: Pick<Config, 'worker' | 'providers'>): string | undefined {
  const provider = worker.builds?.provider;
  if (provider === undefined) return undefined;
  const kind = providers.get(provider)?.kind;
  if (kind === undefined) return unknownName('provider', provider, providers);
  if (kind === 'docker') return undefined;
  return `Builds run on an engine of a provider of kind docker, and \`${provider}\` is of kind ${kind}; name another one.`;
}

function unknownName(what: string, name: string, known: ReadonlyMap<string, unknown>): string | undefined {
  if (known.has(name)) return undefined;
  const meant = nearest(name, [...known.keys()]);
  const hint = meant === undefined ? 'add it there or name another' : `did you mean \`${meant}\``;
  return `bot.yaml has no ${what} \`${name}\`; ${hint}${meant === undefined ? '.' : '?'}`;
}

/** A port that is taken already, by another slot or by Bakery itself, for each slot after the first. */
export function portFindings(policies: Iterable<ServicePolicy>, bot: Bot): (Finding & { service: string })[] {
  const taken = new Map<number, string>([[bot.http.port, "Bakery's own http"]]);
  for (const { mode, port } of bot.slack) if (mode === 'http') taken.set(port, "Bakery's own slack");
  const findings: (Finding & { service: string })[] = [];
  for (const policy of policies) {
    for (const { name, port } of policy.environments) {
      if (port === 0) continue;
      const owner = taken.get(port);
      if (owner === undefined) taken.set(port, `${policy.service} in ${name}`);
      else
        findings.push({
          service: policy.service,
          path: ['environments', name, 'port'],
          sentence: `The port ${port} belongs to ${owner} already; choose another one.`,
        });
    }
  }
  return findings;
}
