import { isRefusal } from '../../pipeline/domain/command.ts';
import type { Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import type { Drawn } from '../views/drawn.ts';
import { noTraces, traceList } from '../views/traces.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { word } from './word.ts';

interface Order {
  service: string;
  version: number;
}

/** `/bake trace <service> <version>`: where its traces are read, told only to who asks and may see them. */
export const trace = word<Order>({
  name: 'trace',
  usage: '/bake trace <service> <version>',
  says: 'where the time of a release went: its traces and those of its deployments',
  right: 'trace',
  read: (line) => ({ service: line.service(), version: line.version() }),
  run,
});

async function run(bot: Bot, asked: Asked, { service, version }: Order): Promise<Drawn | undefined> {
  const answer = await bot.pipeline.handle({ do: 'read traces', service, version, by: asked.by });
  if (isRefusal(answer)) return pipelineAnswer(bot, answer);
  const traces = await bot.pipeline.query.traces(service, version);
  return traces === undefined ? sentence(noTraces) : traceList(service, version, traces);
}
