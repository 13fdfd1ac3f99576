import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Question, Session } from './session.ts';

const link = z.object({ rel: z.string(), href: z.string() });

/**
 * Every item of a list, over all its pages. Nova, Neutron and Octavia tell the next one in `<key>_links`, Glance in
 * `next`. Only its query is followed: where the service answers is the catalog's word, not the answer's.
 */
export async function everyItem<Item extends z.ZodType>(
  session: Session,
  question: Question,
  key: string,
  item: Item,
  signal: AbortSignal,
): Promise<z.infer<Item>[]> {
  const page = z.looseObject({ [key]: z.array(item), next: z.string().nullish() });
  const items: z.infer<Item>[] = [];
  const seen = new Set<string>();
  for (let path: string | undefined = question.path; path !== undefined; ) {
    if (seen.has(path))
      throw new ProviderError('unexpected state', `OpenStack's ${question.service} service repeats a page.`);
    seen.add(path);
    const answer: z.infer<typeof page> = await session.ask({ ...question, path }, page, signal);
    items.push(...z.array(item).parse(answer[key]));
    const next = nextOf(answer, key);
    path =
      next === undefined ? undefined : `${question.path.split('?')[0]}${new URL(next, 'http://any').search}`;
  }
  return items;
}

function nextOf(answer: { [key: string]: unknown }, key: string): string | undefined {
  if (typeof answer.next === 'string') return answer.next;
  const links = z.array(link).safeParse(answer[`${key}_links`]);
  return links.success ? links.data.find(({ rel }) => rel === 'next')?.href : undefined;
}
