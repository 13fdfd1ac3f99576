import type { RequiredChecks } from './checks.ts';
import { deploymentStages, releaseStages } from './stage-names.ts';
import type { Digest, Millis } from './time.ts';

export const hookStages = [...releaseStages, ...deploymentStages] as const;
export type HookStage = (typeof hookStages)[number];

/** Something of others that is done before a stage begins, or after it has passed. */
export interface Hook {
  name: string;
  when: 'before' | 'after';
  stage: HookStage;
  /** Its deadline, from when it is ordered, further attempts included. */
  within: Millis;
  /** Whether the stage fails when it does. */
  stops: boolean;
  /** Of a deployment's stages: only in these; in all when left out. */
  environments?: string[];
  how: HookCall | HookCommand | HookChecks;
}

/** A signed HTTP call, which only the operators' files ask for. `key`: a reference. */
export interface HookCall {
  by: 'call';
  url: string;
  key: string;
}

/** A command of the commit, which `bakery.yaml` asks for: it runs where the commit's other commands run. */
export interface HookCommand {
  by: 'command';
  argv: string[];
}

/** Checks of the forge that a release waits for before it is built: the operators' `checks.wait`. */
export interface HookChecks {
  by: 'checks';
  checks: RequiredChecks;
}

/** What a hook is told. */
export interface HookAbout {
  hook: string;
  when: Hook['when'];
  stage: HookStage;
  service: string;
  version: number;
  commit: string;
  image?: Digest;
  environment?: string;
  deployment?: string;
  /** Before `retire`: the version that is to go. */
  retires?: number;
  /** Grows when it is asked anew: the same round is a repetition of the same question. */
  round?: number;
}

/** Why no hook may be there; undefined when one may: what has traffic, or has seen the old one go, does not fail by one. */
export function hookProblem({
  when,
  stage,
  stops,
}: Pick<Hook, 'when' | 'stage' | 'stops'>): string | undefined {
  if (stops && when === 'after' && (stage === 'cut-over' || stage === 'retire'))
    return `a hook after \`${stage}\` cannot stop anything: the new one serves by then. Set \`failure: continue\`, or use one before \`soak\`, whose failure takes traffic back.`;
  return undefined;
}
