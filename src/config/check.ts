import { loadConfig } from './load.ts';
import { printProblem } from './problem.ts';

/**
 * `bakery check`: prints every problem of the configuration in `dir`, one line each, or what was found when all is
 * well. Returns the exit code: 0, or 1 when there are problems.
 */
export async function checkConfig(dir: string, print: (line: string) => void): Promise<0 | 1> {
  const loading = await loadConfig(dir);
  if (!loading.ok) {
    for (const problem of loading.problems) print(printProblem(problem));
    const count = loading.problems.length;
    print(`${count} ${count === 1 ? 'problem' : 'problems'}: Bakery does not start with this configuration.`);
    return 1;
  }
  const { config } = loading;
  const slack = config.slack.map(({ mode, workspace }) =>
    workspace ? `${mode} in ${workspace.name}` : mode,
  );
  print(`bot.yaml: ${config.name}, queue ${config.queue.kind}, Slack by ${slack.join(', ')}.`);
  for (const policy of config.policies.values()) {
    const rungs = policy.environments.map(({ name }) => name).join(' → ');
    const place = policy.workspace === undefined ? '' : ` in the workspace ${policy.workspace.name}`;
    print(`${policy.service}: ${policy.branch}, ${rungs}${place}.`);
  }
  for (const { group, services, environments } of config.groups.values())
    print(`${group}: ${services.join(', then ')}, together to ${environments.join(' → ')}.`);
  return 0;
}
