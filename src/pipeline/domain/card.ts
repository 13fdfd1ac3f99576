/** The outbox's key of a release's card. */
export const cardKeyOfRelease = (service: string, version: number): string =>
  `release.${service}.v${version}`;

/** The outbox's key of the card of a group's release. */
export const cardKeyOfGroup = (group: string, number: number): string => `group.${group}.v${number}`;

/** The outbox's key of the card of a deployment that has one of its own. */
export const cardKeyOfDeployment = (deployment: string): string => `deployment.${deployment}`;
