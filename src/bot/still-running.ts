import type { Revocation } from '../pipeline/domain/installation.ts';
import type { Queries } from '../pipeline/pipeline.ts';
import { oneLine } from './views/format.ts';

/** What of these services (of any, when none are named) still runs from a revoked image, or from one that was baked from it, with what to do about each. */
export async function stillRunning(
  query: Queries,
  { images }: Pick<Revocation, 'images'>,
  services: readonly string[] = query.services(),
): Promise<string[]> {
  const views = await Promise.all(services.map((name) => query.service(name)));
  const found = views.flatMap((view) =>
    Object.values(view?.slots ?? {}).flatMap(({ service, environment, live, beside }) => {
      const name = oneLine(service, 60);
      return [
        {
          serving: live,
          service: name,
          environment,
          todo: `release a newer version, or \`/rollback ${name}\``,
        },
        { serving: beside, service: name, environment, todo: `\`/bake retire ${name} ${environment}\`` },
      ];
    }),
  );
  const lines = await Promise.all(
    found.map(async ({ serving, service, environment, todo }) => {
      const view = serving === undefined ? undefined : await query.deployment(serving.deployment);
      const image = view?.deployment.image;
      const isRevoked = images.some(({ id, digest }) => digest === image?.digest || id === image?.id);
      return isRevoked ? [`*${service} v${serving?.version}* in *${oneLine(environment, 40)}*: ${todo}`] : [];
    }),
  );
  return lines.flat();
}
