import type { Command } from 'commander';
import type { BalancerSettings } from '../config/balancers/index.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { printProblem } from '../config/problem.ts';
import type { ProviderSettings } from '../config/providers/index.ts';
import { lookAtFolders, lookAtWorkersFolders } from '../doctor/data.ts';
import { type Examination, examine, type Finding, ofCheck, well, wrong } from '../doctor/finding.ts';
import { lookAtLedger } from '../doctor/ledger.ts';
import { lookAtNode, lookAtPrograms } from '../doctor/machine.ts';
import { findingLines, summary } from '../doctor/print.ts';
import { lookAtTheQueue } from '../doctor/queue.ts';
import { lookAtFilesModes, lookAtSecrets } from '../doctor/secrets.ts';
import { lookAtBot, lookAtEmbeddedBalancers } from '../doctor/serving.ts';
import { lookAtSlack } from '../doctor/slack.ts';
import { askEngines } from './check.ts';
import { checkAws } from './check-aws.ts';
import { type ConfigOption, configFolder, withConfig } from './configured.ts';
import { checkAll, slotsOf } from './haproxy.ts';
import { checkClouds } from './openstack.ts';

/** `bakery doctor`: what is wrong with this installation, in sentences; exit code 1 when something is. */
export function addDoctor(program: Command): void {
  withConfig(
    program
      .command('doctor')
      .description(
        'says what is wrong with this installation, why it matters and what to do; changes nothing',
      ),
  )
    .option('--worker', 'this machine has a worker alone: neither ledger nor Slack is asked for here')
    .action(async (options: ConfigOption & { worker?: boolean }, command: Command) => {
      process.exitCode = await doctor(configFolder(options, command), console.log, options.worker);
    });
}

/** Looks at everything, prints it, and returns the exit code. Nothing is changed. */
export async function doctor(dir: string, print: (line: string) => void, workerOnly = false): Promise<0 | 1> {
  const findings: Finding[] = [];
  const say = (found: readonly Finding[]): void => {
    findings.push(...found);
    for (const finding of found) for (const line of findingLines(finding)) print(line);
  };
  say(lookAtNode());
  const loading = await loadConfig(dir);
  if (loading.ok) {
    say([well(`The configuration in ${loading.config.dir} is right.`)]);
    for (const examination of examinations(loading.config, workerOnly)) say(await examine(examination));
  } else
    say(
      loading.problems.map((problem) =>
        wrong(
          printProblem(problem),
          'Bakery does not start with this configuration.',
          'Mend that line; bakery check reads it again.',
        ),
      ),
    );
  print('');
  print(summary(findings));
  return findings.some(({ is }) => is === 'wrong') ? 1 : 0;
}

/** What is looked at, in the order of what stands on what. */
function examinations(config: Config, workerOnly: boolean): Examination[] {
  type Kind = (ProviderSettings | BalancerSettings)['kind'];
  const kinds = new Set<Kind>(
    [...config.providers.values(), ...config.balancers.values()].map(({ kind }) => kind),
  );
  const cloud = (
    names: Kind[],
    name: string,
    check: (print: (line: string) => void) => Promise<0 | 1>,
  ): Examination[] =>
    names.some((kind) => kinds.has(kind))
      ? [{ name, look: () => ofCheck(check, inTheWay, `bakery check asks it again, and alone.`) }]
      : [];
  const ofBot = (examination: Examination): Examination[] => (workerOnly ? [] : [examination]);
  return [
    { name: 'programs', look: () => lookAtPrograms(config) },
    { name: "configuration's files", look: () => lookAtFilesModes(config) },
    { name: 'secrets', look: () => lookAtSecrets(config, workerOnly) },
    { name: 'folders', look: () => (workerOnly ? lookAtWorkersFolders(config) : lookAtFolders(config)) },
    ...ofBot({ name: 'ledger', look: () => lookAtLedger(config.data, Date.now()) }),
    { name: 'queue', look: () => lookAtTheQueue(config, Date.now) },
    ...ofBot({ name: 'Slack app', look: () => lookAtSlack(config) }),
    ...cloud(['docker'], 'Docker engines', (print) => askEngines(config, print)),
    ...cloud(['haproxy'], 'HAProxy', (print) => checkAll(config, undefined, print)),
    ...cloud(['openstack', 'octavia'], 'OpenStack', (print) => checkClouds(config, undefined, print)),
    ...cloud(['aws', 'elb'], 'AWS account', (print) => checkAws(config, undefined, print)),
    { name: 'embedded balancers', look: () => lookAtEmbeddedBalancers(config, slotsOf) },
    ...ofBot({ name: 'bot', look: () => lookAtBot(config) }),
  ];
}

const inTheWay = 'What is released there fails, or is not as safe as it could be.';
