import type { Asked, Bot } from '../asked.ts';
import { asVersion } from '../reader.ts';
import { sentence } from '../views/blocks.ts';
import { versionOrRef } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  ref?: string;
}

/** `/bake <service> [ref]`: a new release. */
export const bake = word<Order>({
  name: 'bake',
  usage: '/bake <service> [branch, tag or commit]',
  says: 'release the newest commit, or this one',
  right: 'bake',
  ofGroup,
  read: (line) => ({ service: line.service(), ...said({ ref: line.optionalRef() }) }),
  run,
});

/** A version of the group is no ref: who wants it again says so. */
async function ofGroup(bot: Bot, asked: Asked, { service, ref }: Order): Promise<Drawn> {
  const version = ref === undefined ? undefined : asVersion(ref);
  const known = version === undefined ? undefined : await bot.pipeline.query.group(service, version);
  if (known === undefined) return requestRelease(bot, asked, service, ref);
  const name = `${oneLine(service, 60)} v${version}`;
  return sentence(
    `🤔 ${name} is a release of the group already. \`/bake deploy ${name} ${known.policy.environments.at(-1) ?? ''}\` asks for it again; a tag of that name is released by its commit.`,
  );
}

/** Asks when the ref may as well be the version of one that exists. */
async function run(bot: Bot, asked: Asked, { service, ref }: Order): Promise<Drawn> {
  const version = ref === undefined ? undefined : asVersion(ref);
  if (ref !== undefined && version !== undefined) {
    const existing = await bot.pipeline.query.release(service, version);
    if (existing !== undefined) return versionOrRef(service, version, ref);
  }
  return requestRelease(bot, asked, service, ref);
}

/** Asks for a release of a ref as it is, without wondering whether it is a version. */
export async function requestRelease(
  bot: Bot,
  asked: Asked,
  service: string,
  ref: string | undefined,
): Promise<Drawn> {
  const order = { service, by: asked.by, ...(ref === undefined ? {} : { ref }) };
  return pipelineAnswer(bot, await bot.pipeline.requestRelease(order), service);
}
