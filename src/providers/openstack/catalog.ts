import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import { type Cloud, overrideOf } from './cloud.ts';

/** The services that Bakery asks, by their type in the catalog, and the version of the interface that it speaks. */
const versions = {
  identity: 'v3',
  compute: 'v2.1',
  image: 'v2',
  network: 'v2.0',
  'load-balancer': 'v2/lbaas',
  'object-store': 'v1',
} as const;

export type Service = keyof typeof versions;

export const catalogSchema = z.array(
  z.object({
    type: z.string(),
    endpoints: z.array(z.object({ interface: z.string(), region_id: z.string().nullish(), url: z.string() })),
  }),
);
export type Catalog = z.infer<typeof catalogSchema>;

/**
 * Where a service of this cloud answers, version included and without a slash at its end. Some clouds' catalogs have
 * the version in the address, some have not. Throws `bad settings` when the catalog has no such service.
 */
export function endpointOf(catalog: Catalog, cloud: Cloud, service: Service): string {
  const found = overrideOf(cloud, service) ?? inCatalog(catalog, cloud, service);
  const url = found.replace(/\/+$/, '');
  if (/\/v\d+(\.\d+)?(\/|$)/.test(new URL(url).pathname))
    return service === 'load-balancer' && !url.endsWith('/lbaas') ? `${url}/lbaas` : url;
  return `${url}/${versions[service]}`;
}

/** Whether this cloud has a service at all. */
export const isOffered = (catalog: Catalog, cloud: Cloud, service: Service): boolean =>
  overrideOf(cloud, service) !== undefined || fitting(catalog, cloud, service).length > 0;

const fitting = (catalog: Catalog, cloud: Cloud, service: Service) =>
  catalog
    .filter(({ type }) => type === service)
    .flatMap(({ endpoints }) => endpoints)
    .filter((one) => one.interface === cloud.interface)
    .filter((one) => cloud.region_name === undefined || one.region_id === cloud.region_name);

function inCatalog(catalog: Catalog, cloud: Cloud, service: Service): string {
  const [first, second] = fitting(catalog, cloud, service);
  const where = `${cloud.interface} ${service} endpoint${cloud.region_name === undefined ? '' : ` in region ${cloud.region_name}`}`;
  if (first === undefined)
    throw new ProviderError(
      'bad settings',
      `The cloud's catalog has no ${where}. Check region and interface.`,
    );
  if (second !== undefined)
    throw new ProviderError(
      'bad settings',
      `The cloud's catalog has more than one ${where}. Set region_name.`,
    );
  return first.url;
}
