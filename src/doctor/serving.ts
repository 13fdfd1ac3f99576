import { type EmbeddedLook, lookAtEmbedded } from '../balancers/embedded/check.ts';
import type { Config } from '../config/config.ts';
import { advice, type Finding, well, wrong } from './finding.ts';

/** The bot's own word: what its /readyz says. */
export async function lookAtBot({ http }: Pick<Config, 'http'>): Promise<Finding[]> {
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${http.port}/readyz`;
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(10_000), redirect: 'error' });
  } catch {
    return [
      advice(
        `No bot answers at ${url}.`,
        'While none runs, Slack gets no answer, and what is under way stands still; what serves goes on.',
        'Start it: bakery start, or bakery bot. If it runs on another machine, run bakery doctor there.',
      ),
    ];
  }
  return botFindings(await answer.json());
}

/** What `/readyz` said, in findings. */
export function botFindings(body: unknown): Finding[] {
  const bad = checksOf(body).filter(({ ok }) => !ok);
  if (bad.length === 0) return [well('The bot runs and is ready.')];
  return bad.map(({ name, sentence }) =>
    wrong(
      `The bot is not ready (${name}): ${sentence}`,
      'It runs, and does not do all of its work.',
      "Mend what the sentence names; the bot's log has more.",
    ),
  );
}

/** Each embedded balancer: whether its process answers, and whether every slot with members has a healthy one. */
export async function lookAtEmbeddedBalancers(
  config: Config,
  slotsOf: (config: Config, balancer: string) => { slot: string; port: number }[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, made] of config.balancers)
    if (made.kind === 'embedded')
      findings.push(...balancerFindings(name, await lookAtEmbedded(made.dataDir, slotsOf(config, name))));
  return findings;
}

/** What an embedded balancer said of itself. */
export function balancerFindings(name: string, { pid, log, slots }: EmbeddedLook): Finding[] {
  if (pid === undefined)
    return [
      wrong(
        `No process of the balancer ${name} answers.`,
        'Nothing behind it can be reached.',
        `Start Bakery with a worker on this machine: it starts the balancer and gives it what it had. Its log is ${log}.`,
      ),
    ];
  const down = slots.filter(({ healthy }) => healthy === 0);
  if (down.length === 0)
    return [
      well(
        `The balancer ${name} answers (process ${pid}), and all of its ${slots.length} slots in use have a healthy member.`,
      ),
    ];
  return down.map(({ slot, port, members }) =>
    wrong(
      `None of the ${members} members of ${slot} behind ${name} is healthy.`,
      `Whoever asks port ${port} gets 503.`,
      'Look at /bake status and /bake output; /rollback starts the version before.',
    ),
  );
}

function checksOf(body: unknown): { name: string; ok: boolean; sentence: string }[] {
  if (typeof body !== 'object' || body === null || !('checks' in body) || !Array.isArray(body.checks))
    return [{ name: 'answer', ok: false, sentence: 'Something that is not Bakery answers on its port.' }];
  return body.checks.filter(
    (check): check is { name: string; ok: boolean; sentence: string } =>
      typeof check === 'object' && check !== null && 'name' in check && 'ok' in check && 'sentence' in check,
  );
}
