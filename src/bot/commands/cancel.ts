import type { PipelineCommand } from '../../pipeline/domain/command.ts';
import type { ServiceView } from '../../pipeline/views.ts';
import type { Asked, Bot } from '../asked.ts';
import { sentence } from '../views/blocks.ts';
import type { Button } from '../views/button.ts';
import { deploymentButtons, releaseButtons } from '../views/buttons.ts';
import { buttonList } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { cancelGroup } from './group/go.ts';
import { pipelineAnswer } from './pipeline-answer.ts';
import { mustSayWhere } from './waiting.ts';
import { said, word } from './word.ts';

interface Order {
  service: string;
  version?: number;
}

/** `/bake cancel <service> [version]`: the release that is made, or a choice of what goes to environments. */
export const cancel = word<Order>({
  name: 'cancel',
  usage: '/bake cancel <service> [version]',
  says: 'stop what has not taken traffic yet',
  right: 'bake',
  ofGroup: cancelGroup,
  read: (line) => ({ service: line.service(), ...said({ version: line.optionalVersion() }) }),
  run,
});

async function run(bot: Bot, asked: Asked, { service, version }: Order): Promise<Drawn> {
  const view = await bot.pipeline.query.service(service);
  const found = view === undefined ? [] : cancellable(view, asked, version);
  const [only] = found;
  const name = `${oneLine(service)}${version === undefined ? '' : ` v${version}`}`;
  if (only === undefined) {
    return sentence(
      `There is nothing of ${name} to cancel. Once traffic has moved, \`/rollback ${oneLine(service)}\` goes back.`,
    );
  }
  const isSaid = only.order.do === 'cancel release' || !mustSayWhere(view, undefined);
  if (found.length === 1 && isSaid) return pipelineAnswer(bot, await bot.pipeline.handle(only.order));
  return buttonList(
    `What of ${name} should be cancelled?`,
    found.map(({ button }) => button),
  );
}

interface Cancellable {
  order: PipelineCommand;
  button: Button;
}

function cancellable(view: ServiceView, asked: Asked, version: number | undefined): Cancellable[] {
  const { service } = view.policy;
  const wanted = (one: { version: number }): boolean => version === undefined || one.version === version;
  const releases = view.open.releases.filter(wanted).flatMap((release): Cancellable[] =>
    named(releaseButtons(release), 'cancel-release').map((button) => ({
      button,
      order: { do: 'cancel release', service, version: release.version, by: asked.by },
    })),
  );
  const deployments = view.open.deployments.filter(wanted).flatMap((deployment): Cancellable[] =>
    named(deploymentButtons(deployment, view.slots[deployment.environment]), 'cancel-deployment').map(
      (button) => ({
        button,
        order: { do: 'cancel deployment', service, deployment: deployment.id, by: asked.by },
      }),
    ),
  );
  return [...releases, ...deployments];
}

/** In a list a button says what it cancels. */
const named = (buttons: Button[], id: Button['id']): Button[] =>
  buttons.filter((button) => button.id === id).map((button) => ({ ...button, label: button.says }));
