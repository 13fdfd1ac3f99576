import type { Config, SlackSettings } from '../config/config.ts';
import { skewAgainst } from '../queue/clock.ts';
import { askSlack } from './ask-slack.ts';
import { type Finding, ofCheck, well, wrong } from './finding.ts';

/** Slack refuses nothing by our clock, but Bakery refuses requests of Slack that are older than five minutes. */
const mostSkew = 60_000;

/** What `bakery check slack` says of each workspace, and how far Slack's clock is from this machine's. */
export async function lookAtSlack({ slack }: Pick<Config, 'slack'>): Promise<Finding[]> {
  const told = await Promise.all(slack.map(lookAtWorkspace));
  const [{ apiUrl }] = slack;
  const all = told.flat();
  return [...all, ...(all.some(({ is }) => is === 'wrong') ? [] : [await lookAtClock(apiUrl)])];
}

const lookAtWorkspace = (settings: SlackSettings): Promise<Finding[]> =>
  ofCheck(
    (print) => askSlack(settings, print),
    'People cannot ask Bakery for anything, or do not see what it does.',
    'docs/slack-setup.md goes step by step; bakery check slack asks again.',
  );

async function lookAtClock(apiUrl = 'https://slack.com/api/'): Promise<Finding> {
  const skew = await skewAgainst(async () => {
    const { headers } = await fetch(apiUrl, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
    return Date.parse(headers.get('date') ?? '');
  });
  return slackClock(skew);
}

/** `skew`: milliseconds by which this machine's clock is ahead of Slack's, to the second; NaN when it did not say. */
export function slackClock(skew: number): Finding {
  if (Number.isNaN(skew))
    return well("Slack does not tell its time, so this machine's was not compared with it.");
  const seconds = Math.round(Math.abs(skew) / 1_000);
  if (Math.abs(skew) <= mostSkew) return well(`This machine's clock and Slack's are ${seconds} s apart.`);
  return wrong(
    `This machine's clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} Slack's.`,
    'Beyond five minutes every click and command is refused as a replay, and times on cards are wrong.',
    'Let the machine keep time by NTP (chrony, systemd-timesyncd).',
  );
}
