import type { Digest, Millis } from '../../pipeline/domain/time.ts';

/** All that the provider is given. Names or ids of the cloud's own things, as its other tools take them. */
export interface OpenStackSettings {
  /** The cloud's name in clouds.yaml, and where that is; without them OS_CLOUD, or the OS_* variables. */
  cloud?: string | undefined;
  cloudsFile?: string | undefined;
  flavor: string;
  /** The flavor of servers that bake; `flavor` without it. */
  builderFlavor?: string | undefined;
  /** The network of which servers get an address. */
  network: string;
  securityGroups?: string[] | undefined;
  /** Instances of one deployment are spread over these, in turn. */
  zones?: string[] | undefined;
  /** A server group: its policy (anti-affinity) is Nova's to keep. */
  serverGroup?: string | undefined;
  /** Ports that were made beforehand, of which each instance gets a free one: their addresses are known before. */
  ports?: string[] | undefined;
  /** An external network, of which each instance gets a floating address. */
  floatingNetwork?: string | undefined;
  /** By which address workers and the balancer reach an instance. */
  address: 'fixed' | 'floating';
  /** At promotion: ids of the projects that may use its images, where instances run in another project than bakes. */
  shareWith?: string[] | undefined;
  /** At promotion: who may see its images otherwise, and properties that they get. */
  imageVisibility?: 'private' | 'shared' | 'community' | undefined;
  imageProperties?: Readonly<Record<string, string>> | undefined;
  keyPair?: string | undefined;
  /** Hands user data to servers by a drive, and not by the metadata service. */
  configDrive: boolean;
  /** The container of the object store that packages go through. */
  container: string;
  /** Where services listen in their servers. */
  port: number;
  /** How long a server may take until its service is started, and how long a builder may bake. */
  boot: Millis;
  baking: Millis;
  /** Keeps a text (a manifest) in the store and gives its digest. */
  keep(text: string): Promise<Digest>;
  now(): number;
}
