import { createHash, timingSafeEqual } from 'node:crypto';
import { decideInstallation, type InstallationDecision } from '../decide/installation.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../domain/command.ts';
import { installationStream } from '../domain/event.ts';
import { loadClean, withoutSecrets } from './clean.ts';
import type { EngineParts } from './parts.ts';
import { leaveTrace, trailOf } from './trail.ts';

type ForInstallation = Extract<PipelineCommand, { service: 'all' }>;

export const isForInstallation = (command: PipelineCommand): command is ForInstallation =>
  command.do === 'claim' || command.do === 'freeze all' || command.do === 'unfreeze all';

const mostTries = 10;

/** Loads, decides and commits what is about no single service; again when the facts had moved meanwhile. */
export async function decideForAll(
  command: ForInstallation,
  parts: EngineParts,
  committed: () => void,
): Promise<Answer> {
  for (let tries = 0; tries < mostTries; tries++) {
    const { facts, versions } = await loadClean(parts, 'all', {});
    const at = parts.now();
    const decision = decided(command, parts, facts, at);
    if (isRefusal(decision)) {
      await leaveTrace(command, decision, parts);
      return decision;
    }
    const trail = trailOf(command, decision.answer, decision.grants, facts.textRef);
    const written = await parts.ledger.commit({
      at,
      by: command.by,
      expect: { [installationStream]: versions[installationStream] ?? 0 },
      events: [...decision.events, ...trail.events],
      texts: withoutSecrets(parts, { ...decision.texts, ...trail.texts }),
      orders: [],
      stop: [],
      ...(parts.adminPlace ?? { channel: '' }),
      alsoIn: parts.otherPlaces ?? [],
    });
    if (written === 'conflict') continue;
    committed();
    return decision.answer;
  }
  throw new Error(`What is decided for all services moved ${mostTries} times while a decision was made.`);
}

function decided(
  command: ForInstallation,
  { admins, claimCode }: EngineParts,
  { installation, textRef }: Awaited<ReturnType<typeof loadClean>>['facts'],
  at: number,
): InstallationDecision | Refusal {
  if (command.do === 'claim' && !isCode(command.code, claimCode)) {
    return refuse('not allowed', 'That is not the code that Bakery printed at its start. Its log has it.');
  }
  return decideInstallation({ installation, textRef, admins }, command, at);
}

function isCode(given: string, code: string | undefined): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return code !== undefined && timingSafeEqual(digest(given), digest(code));
}
