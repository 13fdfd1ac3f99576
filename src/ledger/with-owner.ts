import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { administrators } from '../pipeline/domain/rights.ts';
import type { tableRows } from './rows.ts';

/** What people are shown of a policy: with whoever claimed the installation, where the files name no administrators. */
export const withOwner = (
  policy: ServicePolicy | undefined,
  rows: Pick<ReturnType<typeof tableRows>, 'installation'>,
): ServicePolicy | undefined =>
  policy && { ...policy, admins: administrators(policy.admins, rows.installation()) };
