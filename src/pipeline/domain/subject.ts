/** What a task belongs to: a release, a deployment, or the upkeep of a slot, of a service or of a whole cloud. */
export type Subject =
  | { kind: 'release'; service: string; version: number }
  | { kind: 'deployment'; service: string; environment: string; id: string; version: number }
  | { kind: 'slot'; service: string; environment: string }
  /** What a slot would go back to. */
  | { kind: 'standby'; service: string; environment: string }
  | { kind: 'service'; service: string }
  /** Of no service: its name is empty. */
  | { kind: 'cloud'; service: ''; provider: string };

/** Whether two subjects are the same thing. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'release':
      return `release/${subject.service}/${subject.version}`;
    case 'deployment':
      return `deployment/${subject.id}`;
    case 'slot':
      return `slot/${subject.service}/${subject.environment}`;
    case 'standby':
      return `standby/${subject.service}/${subject.environment}`;
    case 'service':
      return `service/${subject.service}`;
    case 'cloud':
      return `cloud/${subject.provider}`;
  }
}

/** The id of a stage's log in the store: all attempts at its tasks write into it. */
export function logOf(subject: Subject, stage: string, generation: number): string {
  switch (subject.kind) {
    case 'release':
      return `${subject.service}.v${subject.version}.${stage}.${generation}`;
    case 'deployment':
      return `${subject.id}.${stage}.${generation}`;
    case 'slot':
    case 'standby':
      return `${subject.service}.${subject.environment}.${stage}`;
    case 'service':
      return `${subject.service}.${stage}`;
    case 'cloud':
      return `${subject.provider}.${stage}`;
  }
}
