import type { BuildSecrets, RepositoryAccess } from './access.ts';
import type { Hook, HookAbout } from './hook.ts';
import type { Image, Package } from './image.ts';
import type { Instance } from './instance.ts';
import type { Limits } from './limits.ts';
import type { Mark, Owned } from './marked.ts';
import type { Sample } from './measurement.ts';
import type { HealthCheck, HttpCheck, Recipe, Suite, Writable } from './service-file.ts';
import type { Setting } from './settings.ts';
import type { Submission } from './submission.ts';
import type { At, Millis } from './time.ts';

export interface LaunchSpec {
  start: string[];
  /** It runs to its end: ready once it ended with exit code 0, which may take `health.within`. */
  once?: true;
  health: HealthCheck;
  /** Milliseconds that a stopping instance gets after SIGTERM. */
  grace: Millis;
  settings: Record<string, Setting>;
  writable?: Writable[];
  /** Which of the instances of its deployment it is, from 0: they are spread over what a provider has. */
  ordinal?: number;
}

/** Where a slot's traffic is spread: the balancer's name for it, and the port of its front door. */
export interface Frontend {
  /** `service.environment` */
  slot: string;
  port: number;
}

/** How a slot's traffic is measured while it moves. */
export interface Measuring {
  /** The deployment, for the id that each request carries. */
  id: string;
  /** The path of the requests. */
  path: string;
  limits: Limits;
  /** What was measured before traffic moved. */
  before?: Sample;
}

/** What each kind of task is given. Everything it needs is here: a worker reads no ledger. */
export interface TaskInputs {
  build: {
    repository: string;
    folder: string;
    sha: string;
    service: string;
    version: number;
    /** How a private repository is read. */
    access?: RepositoryAccess;
    /** What the build's commands are given, by reference. */
    secrets?: BuildSecrets;
    /** What an outside CI has built: taken instead of building it. */
    submitted?: Submission;
    /** Of what a build in containers makes; not there in one that an older Bakery ordered. */
    mark?: Mark;
  };
  bake: { provider: string; package: Package; recipe: Recipe; sha: string; mark: Mark };
  /** Lets the image be used where the provider's settings say: in other projects, accounts and regions. */
  publish: { provider: string; image: Image; mark: Mark };
  /** Does what others want done around a stage. `checkout`: for a command. */
  hook: {
    about: HookAbout;
    within: Millis;
    how: Hook['how'];
    checkout?: {
      repository: string;
      access?: RepositoryAccess;
      folder: string;
      sha: string;
      mark: Mark;
      /** The builder image that the commit's commands run in. */
      image?: string;
    };
  };
  /** Runs a command of the image to its end, as an instance that is no service. */
  migrate: { provider: string; image: Image; spec: LaunchSpec; mark: Mark };
  /** `behind`: where all that its deployment starts will be put, for a balancer to get ready. */
  launch: {
    provider: string;
    image: Image;
    spec: LaunchSpec;
    mark: Mark;
    behind?: { balancer: string; frontend: Frontend };
  };
  verify: {
    repository: string;
    access?: RepositoryAccess;
    folder: string;
    /** The candidate's own suites, and those of every live release that it would run beside. */
    parts: { version: number; sha: string; suites: Suite[] }[];
    address: string;
    grace: Millis;
  };
  /** Puts instances behind the balancer at weight 0 and waits until it calls them healthy. */
  admit: {
    balancer: string;
    frontend: Frontend;
    instances: Instance[];
    health: HealthCheck;
    epoch: number;
    /** Whose they are; not there in one that an older Bakery ordered. */
    owned?: Owned;
    /** With it, what has the traffic now is measured meanwhile. */
    measure?: Measuring;
  };
  /** Sets the weights of all members of a slot; those not named get 0. Reads back. */
  shift: {
    balancer: string;
    frontend: Frontend;
    weights: Record<string, number>;
    epoch: number;
    measure?: Measuring;
  };
  /** Watches the instances until `until`; fails as soon as one is bad. */
  watch: {
    balancer: string;
    provider: string;
    frontend: Frontend;
    instances: Instance[];
    weights: Record<string, number>;
    health: HealthCheck;
    until: At;
    epoch: number;
    /** Whose they are, for one that has to be put back. */
    owned?: Owned;
    measure?: Measuring;
  };
  /** Lets in-flight requests end, at the latest at the deadline, and takes the instances out. */
  drain: { balancer: string; frontend: Frontend; instances: Instance[]; deadline: At; epoch: number };
  /** Takes them out at once: they never had traffic, or are dead. */
  detach: { balancer: string; frontend: Frontend; instances: Instance[]; epoch: number };
  /** Ends whatever carries these marks, known or not. Before a terminate, nothing of it is in a balancer. */
  terminate: {
    provider: string;
    owner: string;
    made: { effect: string; generation: number }[];
    /** Ids of those of them that were heard of: a cloud's list may lag behind, and not show them yet. */
    known?: string[];
    grace: Millis;
  };
  /** Reads what is really there of a slot. */
  survey: {
    provider: string;
    balancer: string;
    frontend: Frontend;
    instances: Instance[];
    health: HealthCheck;
    /** The members and weights that should be: told when a slot is quiet, since only then nobody moves them. */
    traffic?: { weights: Record<string, number>; beside: string[] };
  };
  /** Reads the last lines that instances wrote. The settings name the secrets that may stand in them. */
  output: { provider: string; instances: Instance[]; settings: Record<string, Setting>; lines: number };
  /** Looks whether an image is there and still what was baked. */
  check: { provider: string; image: Image; version: number };
  /** Starts a version beside what is live, asks it over HTTP, and takes it down again. */
  rehearse: { provider: string; image: Image; spec: LaunchSpec; mark: Mark; checks: HttpCheck[] };
  /** Writes the script that brings a version back without Bakery. */
  script: {
    provider: string;
    balancer: string;
    frontend: Frontend;
    image: Image;
    spec: LaunchSpec;
    /** Of what it starts, one for each instance. */
    marks: Mark[];
    /** Instances of that version that run now. */
    running: Instance[];
    /** What it goes back from. */
    instead: { version: number; deployment: string };
  };
  /** Reads everything of this installation that a provider has. */
  inventory: { provider: string; owner: string };
  /** Reads what clouds and balancers really have of a service, after its ledger was restored. */
  reconcile: {
    service: string;
    owner: string;
    providers: string[];
    slots: { environment: string; balancer: string; frontend: Frontend }[];
  };
  /** Removes images that nothing keeps. */
  discard: { provider: string; owner: string; service: string; images: string[] };
  /** Removes what belongs to nothing, unless one of it has traffic: then nothing is removed. */
  reap: {
    provider: string;
    owner: string;
    made: { effect: string; generation: number }[];
    /** The slots of the service, in which none of it may have traffic. */
    slots: { balancer: string; frontend: Frontend }[];
    grace: Millis;
  };
}
