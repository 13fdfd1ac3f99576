import type { PipelineCommand } from '../../pipeline/domain/command.ts';
import type { ServiceView } from '../../pipeline/pipeline.ts';
import type { Asked, Bot } from '../asked.ts';
import type { Command } from '../grammar.ts';
import { sentence } from '../views/blocks.ts';
import { type Button, deploymentButtons, releaseButtons } from '../views/buttons.ts';
import { buttonList } from '../views/choices.ts';
import type { Drawn } from '../views/drawn.ts';
import { oneLine } from '../views/format.ts';
import { pipelineAnswer } from './pipeline-answer.ts';

/** `/bake cancel <service> [version]`: the only thing that can be cancelled, or a choice of them. */
export async function cancel(bot: Bot, asked: Asked, command: Command & { is: 'cancel' }): Promise<Drawn> {
  const { service, version } = command;
  const view = await bot.pipeline.query.service(service);
  const found = view === undefined ? [] : cancellable(view, asked, version);
  const [only] = found;
  const name = `${oneLine(service)}${version === undefined ? '' : ` v${version}`}`;
  if (only === undefined) {
    return sentence(
      `There is nothing of ${name} to cancel. Once traffic has moved, \`/rollback ${oneLine(service)}\` goes back.`,
    );
  }
  if (found.length === 1) return pipelineAnswer(bot, await bot.pipeline.handle(only.order));
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
