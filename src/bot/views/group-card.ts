import type { KnownBlock } from '@slack/types';
import { missing } from '../../pipeline/domain/consent.ts';
import { activeRung } from '../../pipeline/domain/group.ts';
import type { GroupMemberView, GroupView } from '../../pipeline/views.ts';
import { drawn, header, section, sections } from './blocks.ts';
import { buttonRow } from './card-parts.ts';
import type { Card } from './drawn.ts';
import { code, escaped, inWords, oneLine, people, person, shortSha, userIds, when } from './format.ts';
import { askedFor, groupButtons } from './group-buttons.ts';
import { groupDecision } from './group-decision.ts';
import { groupWords, memberWords, placeOf } from './group-words.ts';
import { freezeWords, lockWords } from './held.ts';
import { whoseYesIsWanted } from './who-may.ts';

/** How many services are named with those who may agree to them. */
const most = 8;

/** The card of a group's release: all of its services in order, and the one question for all of them. */
export function groupCard(view: GroupView): Card {
  const { release, members } = view;
  const name = `${release.group} v${release.number}`;
  const { sign, words } = groupWords(release);
  const next = nextOf(view);
  const row = buttonRow(groupButtons(view));
  return {
    ...drawn(`${escaped(`${name}: ${words}`)}. Next: ${next.replaceAll('*', '')}`, [
      header(`${sign} ${name} · ${words}`),
      section(whatItIs(view)),
      ...sections(members.map((member, index) => memberLine(member, index, view))),
      ...whyStopped(view),
      ...groupDecision(view),
      section(`👉 *Next:* ${next}`),
      ...(row === undefined ? [] : [row]),
    ]),
    final: activeRung(release) === undefined,
    needsPerson: askedFor(view).length > 0,
    moving: false,
    mentions: userIds(whoseYesAll(view)),
  };
}

/** Everybody whose yes is still wanted to any of it. */
export const whoseYesAll = (view: GroupView, where = placeOf(view.release)): string[] => [
  ...new Set(askedFor(view, where).flatMap((member) => whoseYes(member, where))),
];

function whoseYes({ policy, deployments, release, wroteIt }: GroupMemberView, where: string): string[] {
  const deployment = deployments[where];
  return policy === undefined || deployment === undefined
    ? []
    : whoseYesIsWanted(deployment, policy, release, deployment.plan.selfApproval ? [] : wroteIt);
}

function whatItIs({ release, texts, policy }: GroupView): string {
  const { commit, hotfix } = release;
  const subject = oneLine(texts[commit.subject] ?? '[erased]', 200);
  const author = oneLine(texts[commit.author] ?? '[erased]', 80);
  const asked = `asked for by ${person(release.requestedBy)} ${when(release.requestedAt)}`;
  const why = hotfix === undefined ? '' : `\n🚑 *Hotfix:* ${oneLine(texts[hotfix] ?? '[erased]', 300)}`;
  const where = inWords(policy.environments.map((name) => `*${oneLine(name, 40)}*`));
  return `*${subject || '(no subject)'}*\n${author} · \`${shortSha(commit.sha)}\` on ${code(commit.ref)} · ${asked}${why}\nReleased together in ${where}, in this order:`;
}

function memberLine(member: GroupMemberView, index: number, view: GroupView): string {
  const { service, version } = member;
  const { sign, words } = memberWords(member, view);
  const where = placeOf(view.release);
  const before = view.release.runs[where]?.before?.[service];
  const from = before === undefined || before === version ? '' : ` (from v${before})`;
  const held = view.release.state === 'open' ? heldWords(member, where, view) : '';
  return `${index + 1}. ${sign} *${oneLine(service, 60)} v${version}*${from}: ${oneLine(words, 350)}${held}${yeses(member, where)}`;
}

function heldWords({ slots, frozen }: GroupMemberView, where: string, { texts }: GroupView): string {
  const lock = slots[where]?.lock;
  const freeze = frozen[where];
  return `${lock === undefined ? '' : ` · 🔒 locked ${lockWords(lock, texts)}`}${freeze === undefined ? '' : ` · 🧊 frozen ${freezeWords(freeze, texts)}`}`;
}

/** Who has agreed to it. */
function yeses({ deployments }: GroupMemberView, where: string): string {
  const { approvals = [], override } = deployments[where] ?? {};
  if (override !== undefined) return ` · 🚨 by override of ${person(override.by)}`;
  return approvals.length === 0
    ? ''
    : ` · agreed to by ${inWords(approvals.slice(0, 5).map(({ by }) => person(by)))}`;
}

function whyStopped({ release, texts, members }: GroupView): KnownBlock[] {
  const run = release.runs[placeOf(release)];
  const stopped = run?.stoppedBy;
  const back = run?.back;
  const lines: string[] = [];
  if (stopped !== undefined) {
    const version = members.find(({ service }) => service === stopped.member)?.version;
    lines.push(
      `💥 *${oneLine(stopped.member, 60)} v${version ?? 0}* is ${oneLine(stopped.as, 40)}: nothing later begins.`,
    );
  }
  if (back !== undefined && stopped === undefined) {
    const why = back.reason === undefined ? '' : ` Reason: ${oneLine(texts[back.reason] ?? '[erased]', 300)}`;
    lines.push(`↩️ ${person(back.by)} takes it back, last one first.${why}`);
  }
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

/** What comes next, and who can move it. */
export function nextOf(view: GroupView): string {
  const { release, members, policy } = view;
  const where = oneLine(placeOf(release), 40);
  const run = release.runs[placeOf(release)];
  const asked = askedFor(view);
  if (asked.length > 0) {
    const lines = asked.map((member) => {
      const deployment = member.deployments[placeOf(release)];
      const more = deployment === undefined ? undefined : missing(deployment);
      return `${oneLine(member.service, 60)} (${people(whoseYes(member, placeOf(release)))}${more === undefined || more === '1 more to go.' ? '' : `; ${more.replace(/\.$/, '')}`})`;
    });
    const until = Math.min(
      ...asked.map((one) => one.deployments[placeOf(release)]?.wait?.until ?? Number.POSITIVE_INFINITY),
    );
    const open = Number.isFinite(until) ? ` Open until ${when(until)}.` : '';
    return `*Approve* or *Reject* all of it for *${where}*. Still to be agreed to: ${inWords([...lines.slice(0, most), ...(lines.length > most ? [`${lines.length - most} more`] : [])])}.${open}`;
  }
  switch (run?.state) {
    case 'rolling out': {
      const turn = members.find(({ service }) => run.seats[service]?.doneAt === undefined);
      return `Nothing to press: ${oneLine(turn?.service ?? 'the next', 60)} has its turn. The next begins when it has its traffic and has soaked; if it fails, all go back, last one first.`;
    }
    case 'going back':
      return 'Nothing to press: it goes back, last one first.';
    case 'asking':
      return 'Nothing to press: all have agreed. It begins when nothing holds any of it (a lock, a freeze, a release of the group before it).';
    default:
      break;
  }
  if (release.state === 'open') {
    const failed = members.filter((one) => one.release?.state === 'failed');
    if (failed.length > 0)
      return `Press *Retry* on the card of ${inWords(failed.map(({ service, version }) => `${oneLine(service, 60)} v${version}`))}, or push a fix: the others wait for it.`;
    return 'Nothing to press: it asks once all of it is ready.';
  }
  if (release.state === 'finished' && run?.state === 'finished')
    return `Nothing to press. \`/rollback ${oneLine(policy.group, 60)}\` takes all of it back, last one first.`;
  if (release.state === 'superseded') return `Nothing to press: look at v${release.supersededBy}.`;
  return `Nothing to press. What is live in ${where} is as the lines above say.`;
}
