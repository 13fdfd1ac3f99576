import type { Deployment } from './deployment.ts';

const short = (digest: string): string => digest.replace('sha256:', '').slice(0, 10);

/** The images and the settings that a yes to a group is for, as one word: of all that have not begun. */
export const whatOf = (seats: readonly { service: string; deployment?: Deployment | undefined }[]): string =>
  seats
    .flatMap(({ service, deployment }) =>
      deployment?.stage !== 'approve' || deployment.state !== 'running'
        ? []
        : [`${service}:${short(deployment.image.digest)}.${short(deployment.plan.settings.digest)}`],
    )
    .join(' ');
