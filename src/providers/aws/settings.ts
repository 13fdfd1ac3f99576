import type { Digest, Millis } from '../../pipeline/domain/time.ts';
import type { Share } from './budget.ts';
import type { Role } from './role.ts';

/** Where one kind of machine is made: each type is tried in each subnet before the next type is. */
export interface Placing {
  types: string[];
  subnets: string[];
  securityGroups: string[];
}

/** All that the provider is given. Credentials are the SDK's own affair (its default chain), and may be those of a role. */
export interface AwsSettings extends Role {
  region: string;
  /** Where packages wait for their builder, and builders leave their reports. */
  bucket: string;
  instances: Placing & {
    /** The instance profile's name: what an instance may read, its secrets above all. */
    profile?: string | undefined;
    /** Where a service listens (`$PORT`). */
    port: number;
    /** How long a machine may take to start before its service's own `health.within` begins. */
    boot: Millis;
  };
  builders: Placing;
  /** The KMS key of images and disks; the account's own default where it is left out. */
  kmsKey?: string | undefined;
  /** At promotion: accounts (12 digits) that may start its images, and the regions that they are copied to. */
  shareWith?: string[] | undefined;
  copyTo?: { region: string; kmsKey?: string | undefined }[] | undefined;
  /** Its part of what all workers may ask; without it only the SDK's own pace holds calls back. */
  share?: Share | undefined;
  /** Keeps a text (a manifest) in the store and gives its digest. */
  keep(text: string): Promise<Digest>;
  now(): number;
}
