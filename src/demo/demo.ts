import { once } from 'node:events';
import type { Cloud } from './clouds/cloud.ts';
import { requestsPerSecond, type Stage, setStage } from './stage.ts';

/** The demo for a person: everything runs until Ctrl-C, and nothing is left running after it. */
export async function runDemo({ root, cloud }: { root: string; cloud: Cloud }): Promise<void> {
  console.log(
    'Setting the stage: a simulated Slack, the bot, its ledger, queue and balancer, a Git repository …',
  );
  const stage = await setStage(root, undefined, cloud);
  const traffic = keepTrafficOn(stage);
  console.log(`
  Open this page:         ${stage.slack.url}
  The demo's repository:  ${stage.place.work}

  Try this:
   1. In #deploys type /bake hello, watch its card, press Approve: production answers with v1.
   2. Change something in the repository and commit: the push arrives, v2 is on its way. Approve it.
   3. Press "Kill the bot" while traffic moves. Nothing fails; the card catches up.
   4. Press "Retire old". Type /rollback hello v1 production.
   5. Be Eve (at the top of the page) and press Approve: she may not, and is told who may.

  From another terminal:  node dist/cli.js run --config ${stage.place.config} "/bake status hello"

  Ctrl-C ends everything that was started. Starting it again brings back what was live.
`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  console.log('\nEnding what the demo started …');
  clearInterval(traffic);
  const ended = await stage.close();
  console.log(`Ended the bot, the balancer and ${ended} instances. The data is in ${root}.`);
}

/** Traffic begins as soon as production answers. */
function keepTrafficOn({ traffic, url }: Stage): NodeJS.Timeout {
  return setInterval(async () => {
    if (traffic.running) return;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
      if (answer.ok) traffic.start(url, requestsPerSecond);
    } catch {
      // Nothing is live yet.
    }
  }, 500);
}
