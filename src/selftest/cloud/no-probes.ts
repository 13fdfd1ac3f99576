import { noSample } from '../../pipeline/domain/measurement.ts';
import type { TaskTools } from '../../pipeline/tasks/contract.ts';

/** The faulty cloud's front doors answer nobody: what users would meet is counted by the cloud itself. */
export const noProbes: TaskTools['probe'] = () => ({ stop: async () => noSample });
