/** How a commit becomes production ready, in order. */
export const releaseStages = ['build', 'bake', 'candidate', 'verify', 'promote'] as const;
export type ReleaseStage = (typeof releaseStages)[number];

/** How a release is put into a slot, in order. */
export const deploymentStages = ['approve', 'migrate', 'launch', 'cut-over', 'soak', 'retire'] as const;
export type DeploymentStage = (typeof deploymentStages)[number];
