import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import { type Catalog, catalogSchema } from './catalog.ts';
import type { Cloud } from './cloud.ts';
import { loginOf } from './credentials.ts';
import { type Exchange, requestIdHeader } from './exchange.ts';
import { refusalOf, told } from './faults.ts';

export interface Token {
  id: string;
  /** Milliseconds since the epoch. */
  expires: number;
  catalog: Catalog;
  project: string;
  /** Names. */
  roles: string[];
}

const answerSchema = z.object({
  token: z.object({
    expires_at: z.iso.datetime({ offset: true }),
    project: z.object({ id: z.string() }),
    catalog: catalogSchema,
    roles: z.array(z.object({ name: z.string() })).default([]),
  }),
});

/** Asks Keystone for a token of the cloud's project. Throws ProviderError. */
export async function login(cloud: Cloud, exchange: Exchange, signal: AbortSignal): Promise<Token> {
  const base = cloud.auth.auth_url.replace(/\/+$/, '').replace(/\/v3$/, '');
  const answer = await exchange(
    {
      method: 'POST',
      url: `${base}/v3/auth/tokens`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(loginOf(cloud)),
    },
    signal,
  );
  const requestId = answer.header(requestIdHeader);
  const { status, text } = answer;
  if (status !== 201) throw refusalOf({ service: 'identity', doing: 'log in', status, text, requestId });
  const id = answer.header('x-subject-token');
  const checked = answerSchema.safeParse(jsonOf(text));
  if (id === undefined || !checked.success)
    throw new ProviderError(
      'unexpected state',
      `OpenStack's identity service gave no token of a project${told(requestId)}. Check auth_url and the project.`,
    );
  const { token } = checked.data;
  const { catalog, project, roles } = token;
  return {
    id,
    expires: Date.parse(token.expires_at),
    catalog,
    project: project.id,
    roles: roles.map(({ name }) => name),
  };
}

/** What a JSON text says; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
