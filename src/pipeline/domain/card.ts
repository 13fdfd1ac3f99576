/** The outbox's key of a release's card. */
export const cardKeyOfRelease = (service: string, version: number): string =>
  `release.${service}.v${version}`;

/** The outbox's key of the card of a deployment that has one of its own. */
export const cardKeyOfDeployment = (deployment: string): string => `deployment.${deployment}`;
