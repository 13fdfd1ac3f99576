/** The three kinds of configuration file. The first two are the operators'; the third is the service's. */
export type FileKind = 'bot.yaml' | 'services/*.yaml' | 'bakery.yaml';

/** Top keys of each kind. A test holds them equal to the schemas. */
export const topKeys = {
  'bot.yaml': [
    'name',
    'data',
    'queue',
    'store',
    'control',
    'slack',
    'http',
    'webhooks',
    'poll',
    'worker',
    'providers',
    'balancers',
    'services',
    'groups',
    'admins',
    'freezes',
    'reminders',
    'anchors',
    'traces',
    'notify',
    'prices',
    'operators',
  ],
  'services/*.yaml': [
    'repository',
    'access',
    'buildSecrets',
    'folder',
    'watch',
    'branch',
    'tags',
    'channel',
    'workspace',
    'provider',
    'people',
    'messages',
    'images',
    'checks',
    'feedback',
    'external',
    'hooks',
    'reminders',
    'defaults',
    'verify',
    'environments',
  ],
  'bakery.yaml': ['build', 'image', 'health', 'writable', 'grace', 'variables', 'suites', 'migrate', 'hooks'],
} as const satisfies Record<FileKind, readonly string[]>;

/** Keys below the top that people are likely to put into the wrong file. */
const lowerKeys: Record<FileKind, readonly string[]> = {
  'bot.yaml': ['allowProduction', 'botToken', 'appToken', 'signingSecret', 'adminChannel', 'defaultChannel'],
  'services/*.yaml': [
    'approvals',
    'approvers',
    'approveWithin',
    'settings',
    'promotion',
    'selfApproval',
    'production',
    'soak',
    'steps',
    'retireAfter',
    'hosts',
    'secrets',
    'balancer',
  ],
  'bakery.yaml': ['compile', 'junit', 'packages', 'start'],
};

const why: Record<FileKind, string> = {
  'bot.yaml': "the operators' bot.yaml, which alone describes the installation",
  'services/*.yaml':
    "the operators' services/<name>.yaml, which alone grants rights and names environments and settings",
  'bakery.yaml': "bakery.yaml in the service's repository, which is read at each commit",
};

/** Where a key that has no place in a file of this kind belongs; undefined when in no other kind either. */
export function belongsIn(key: string, here: FileKind): string | undefined {
  const kinds = Object.keys(topKeys).filter((kind) => kind !== here) as FileKind[];
  for (const keys of [topKeys, lowerKeys] as Record<FileKind, readonly string[]>[]) {
    const kind = kinds.find((other) => keys[other].includes(key));
    if (kind !== undefined) return why[kind];
  }
  return undefined;
}
