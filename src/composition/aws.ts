import type { AwsProviderSettings } from '../config/providers/aws.ts';
import type { Provider } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import { awsProvider } from '../providers/aws/index.ts';

/** A provider of kind `aws`, whose manifests go to the store. `workers` is how many share its budget of calls. */
export const openAws = (
  name: string,
  { kind: _, callsPerSecond, ...made }: AwsProviderSettings,
  store: Store,
  workers: () => number,
): Provider =>
  awsProvider(name, {
    ...made,
    share: { callsPerSecond, workers },
    keep: async (text) => (await store.put(text)).digest,
    now: Date.now,
  });
