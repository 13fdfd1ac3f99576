/** Of what a trace is, by its name: `hello.v3`, a release, or `hello.production.9`, a deployment. */
export type TracedName = string;

export const traceOfRelease = ({ service, version }: { service: string; version: number }): TracedName =>
  `${service}.v${version}`;

/** The log of a stage is named `subject.stage.generation` (see `logOf`); upkeep has no generation, and no trace. */
const stageLog = /^(.+)\.([a-z-]+)\.\d+$/;

/** Whose trace the work behind a log belongs to; undefined for upkeep, which is of no release. */
export const traceOfLog = (log: string): TracedName | undefined => stageLog.exec(log)?.[1];
