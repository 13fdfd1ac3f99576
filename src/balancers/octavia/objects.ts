import { z } from 'zod';

/** What Octavia tells of its objects (Load Balancing API v2), as far as Bakery asks for it. */
const states = { provisioning_status: z.string(), operating_status: z.string() };
const tags = z.array(z.string()).default([]);

export const balancerSchema = z.object({
  id: z.string(),
  name: z.string(),
  vip_address: z.string(),
  tags: z.array(z.string()).optional(),
  ...states,
});
export const listenerSchema = z.object({
  id: z.string(),
  name: z.string(),
  protocol_port: z.number(),
  default_pool_id: z.string().nullish(),
  loadbalancers: z.array(z.object({ id: z.string() })),
});
export const poolSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullish(),
  healthmonitor_id: z.string().nullish(),
  created_at: z.string(),
});
export const monitorSchema = z.object({ id: z.string(), url_path: z.string().nullish() });
export const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  protocol_port: z.number(),
  weight: z.number(),
  backup: z.boolean(),
  tags,
  ...states,
});

export type LoadBalancer = z.infer<typeof balancerSchema>;
export type Listener = z.infer<typeof listenerSchema>;
export type Pool = z.infer<typeof poolSchema>;
export type PoolMember = z.infer<typeof memberSchema>;
