import { z } from 'zod';

/** A cloud as `clouds.yaml` describes it: the keys that Bakery reads, by the names that every OpenStack tool uses. */
const auth = z.object({
  auth_url: z.url({ protocol: /^https?$/ }),
  username: z.string().optional(),
  user_id: z.string().optional(),
  password: z.string().optional(),
  user_domain_id: z.string().optional(),
  user_domain_name: z.string().optional(),
  project_id: z.string().optional(),
  project_name: z.string().optional(),
  project_domain_id: z.string().optional(),
  project_domain_name: z.string().optional(),
  application_credential_id: z.string().optional(),
  application_credential_name: z.string().optional(),
  application_credential_secret: z.string().optional(),
  token: z.string().optional(),
});

/** Names of keystoneauth's plugins, as `auth_type` has them, and what they are. */
export const methods = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'application_credential',
} as const;

const endpointSuffix = '_endpoint_override';

/** Keys of other tools may stand beside ours. */
export const cloudSchema = z.looseObject({
  auth,
  /** How to log in; what `auth` holds decides without it. */
  auth_type: z
    .enum(Object.keys(methods) as [keyof typeof methods], {
      error: 'is one that Bakery does not know: password, token and v3applicationcredential are.',
    })
    .optional(),
  region_name: z.string().optional(),
  interface: z.enum(['public', 'internal', 'admin']).default('public'),
  /** A file with the authorities to trust. */
  cacert: z.string().optional(),
  verify: z.literal(true, { error: 'is off. Name the authority with cacert instead.' }).optional(),
});

export type Cloud = z.infer<typeof cloudSchema>;
export type Auth = Cloud['auth'];

/** `<service>_endpoint_override`: the address to use instead of the catalog's. */
export function overrideOf(cloud: Cloud, service: string): string | undefined {
  const value = cloud[`${service.replaceAll('-', '_')}${endpointSuffix}`];
  return typeof value === 'string' ? value : undefined;
}
