import type { AwsProviderSettings } from '../config/providers/aws.ts';
import type { Provider } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import { awsProvider } from '../providers/aws/index.ts';

/** A provider of kind `aws`, whose manifests go to the store. */
export const openAws = (name: string, { kind: _, ...made }: AwsProviderSettings, store: Store): Provider =>
  awsProvider(name, { ...made, keep: async (text) => (await store.put(text)).digest, now: Date.now });
