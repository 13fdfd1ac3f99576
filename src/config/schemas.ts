import * as z from 'zod';
import { botFileSchema } from './bot-file.ts';
import { policyFileSchema } from './policy-file.ts';
import { serviceFileSchema } from './service-file.ts';

const published = (title: string, schema: z.ZodType): object => ({
  title,
  ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }),
});

/** JSON Schemas for editors, by the file they are published in. What only a check can tell stands in none. */
export const jsonSchemas = (): Record<string, object> => ({
  'bot.schema.json': published("Bakery: bot.yaml, the operators' file of the installation", botFileSchema),
  'service.schema.json': published(
    "Bakery: services/<name>.yaml, the operators' file of a service",
    policyFileSchema,
  ),
  'bakery.schema.json': published("Bakery: bakery.yaml in a service's repository", serviceFileSchema),
});
