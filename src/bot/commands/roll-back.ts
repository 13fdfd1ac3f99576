import type { Queries } from '../../pipeline/pipeline.ts';
import type { HistoryView, ServiceView } from '../../pipeline/views.ts';
import type { Asked, Bot } from '../asked.ts';
import { unknownVersion } from '../unknown-version.ts';
import { sentence } from '../views/blocks.ts';
import { type Candidate, rollbackChoices, rollbackConfirm } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { candidatesOf, cannotGoBackTo, outOfReach } from '../views/going-back.ts';
import { rollBackGroup } from './group/go.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

/** How many releases are looked through. */
const depth = 100;

interface Order {
  service: string;
  version?: number;
  environment?: string;
  reason?: string;
  anyway?: true;
}

/** `/rollback <service> [version] [environment] [anyway] [reason]` */
export const rollBack = word<Order>({
  name: 'rollback',
  usage: '/rollback <service> [version] [environment] [anyway] [reason]',
  says: 'bring an earlier release back, from its own image',
  right: 'rollback',
  ofGroup: rollBackGroup,
  asksForVersion: true,
  read(line) {
    const service = line.service();
    const where = { version: line.optionalVersion(), environment: line.optionalEnvironment(service) };
    const anyway = where.environment !== undefined && line.flag('anyway');
    const reason = line.words();
    return {
      service,
      ...said({ ...where, reason: reason === '' ? undefined : reason, anyway: anyway ? true : undefined }),
    };
  },
  run,
});

/**
 * With all three it goes at once; without an environment one confirm names it; without a version the candidates are
 * listed, newest first.
 */
async function run(
  bot: Bot,
  asked: Asked,
  { service, version, environment, reason, anyway }: Order,
): Promise<Drawn> {
  const { query } = bot.pipeline;
  const isThere = ({ environment: there }: Candidate): boolean =>
    environment === undefined || there === environment;
  const unknown = await unknownVersion(query, service, said({ version }), async () =>
    (await lookThrough(query, service)).candidates.filter(isThere).map((one) => one.version),
  );
  if (unknown !== undefined) return unknown;
  if (version !== undefined && environment !== undefined) {
    return pipelineAnswer(
      bot,
      await bot.pipeline.handle({
        do: 'roll back',
        service,
        version,
        environment,
        by: asked.by,
        ...said({ reason, anyway }),
      }),
    );
  }
  const { view, history, candidates } = await lookThrough(query, service);
  if (view === undefined) return sentence(`Bakery does not know ${oneLine(service)} any more.`);
  if (version !== undefined) {
    const fitting = candidates.filter((one) => one.version === version);
    return fitting.length === 0
      ? sentence(`🚫 ${whyNot(view, history, version, candidates)}`)
      : rollbackConfirm(service, fitting);
  }
  const cannot = cannotGoBackTo(view, history, candidates, environment);
  return rollbackChoices(service, liveLine(view), candidates.filter(isThere), cannot);
}

/** What a service can go back to, of its newest releases. */
async function lookThrough(query: Queries, service: string) {
  const [view, history] = await Promise.all([query.service(service), query.history(service, depth)]);
  return { view, history, candidates: view === undefined ? [] : candidatesOf(view, history) };
}

function whyNot(view: ServiceView, history: HistoryView, version: number, candidates: Candidate[]): string {
  const name = `${oneLine(view.policy.service)} v${version}`;
  const instead = [...new Set(candidates.map((one) => `v${one.version}`))].slice(0, 5).join(', ');
  const hint = instead === '' ? '' : ` You can go back to ${instead}.`;
  const release = history.releases.find((one) => one.version === version);
  const live = view.policy.environments.filter((one) => view.slots[one.name]?.live?.version === version);
  if (live.length > 0) {
    return `${name} is live in ${live.map((one) => oneLine(one.name, 40)).join(', ')} already.${hint}`;
  }
  if (release === undefined) return `${name} is too old to be found here: name the environment too.${hint}`;
  const [out] = view.policy.environments.flatMap((one) => outOfReach(view, history, release, one.name) ?? []);
  if (out !== undefined) return `${name} ${out}.${hint}`;
  const ever = Object.values(release.standings).some(({ standing }) => standing !== 'pending');
  return ever
    ? `${name} is newer than what is live. To go forward, use \`/bake deploy ${oneLine(view.policy.service)} v${version}\` and an environment.${hint}`
    : `${name} never went live anywhere.${hint}`;
}

function liveLine(view: ServiceView): string {
  const live = view.policy.environments.flatMap(({ name }) => {
    const serving = view.slots[name]?.live;
    return serving === undefined ? [] : [`${oneLine(name, 40)} v${serving.version}`];
  });
  return live.length === 0 ? 'Nothing of it is live.' : `Live now: ${live.join(', ')}.`;
}
