import { randomBytes } from 'node:crypto';
import type { Image } from '../../pipeline/domain/image.ts';
import { type BakeOrder, type Call, notYet, ProviderError, type Reply } from '../../pipeline/provider.ts';
import { type BakeReport, bakeFailure, bakeReportOf, bakingUserData } from '../cloud-init/baking.ts';
import type { Cloud } from './cloud-parts.ts';
import type { GlanceImage } from './images.ts';
import { keepManifest, treeIn } from './manifest.ts';
import { key, labelsOf } from './marks.ts';
import { placeOfBuilder, soonAgain, userDataOf } from './placing.ts';
import { removeBuilder } from './remove-builder.ts';
import { failedServer, standingOf } from './server-state.ts';
import { ownerTag, type Server, serverName } from './servers.ts';

const effectTime = 3_000;
const shownLines = 40;

/** The server that bakes: made, waited for, read, switched off, kept as an image. */
export class Building {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** One step on the way to an image of these inputs, of which there is none yet. */
  async goOn(order: BakeOrder, base: GlanceImage, inputs: string, call: Call): Promise<Reply<Image>> {
    const { servers, settings } = this.#cloud;
    const [builder, ...surplus] = await servers.named(serverName(order.mark, 'builder'), call.signal);
    if (builder === undefined) return this.#begin(order, base, inputs, call);
    for (const one of surplus) await removeBuilder(this.#cloud, one, call.signal);
    const elapsed = settings.now() - Date.parse(builder.created);
    const standing = standingOf(builder);
    if (standing === 'failed') {
      // A list of servers does not tell why.
      const whole = (await servers.get(builder.id, call.signal)) ?? builder;
      throw await this.#over(builder, failedServer(whole), call);
    }
    if (standing === 'made' || standing === 'going')
      return notYet(soonAgain(elapsed), 'the builder is being made');
    const report = await this.#report(builder, call);
    if (report === undefined) {
      if (standing === 'on' && elapsed < settings.baking)
        return notYet(soonAgain(elapsed), 'the builder installs the package');
      throw await this.#over(builder, await this.#silent(builder, standing === 'off', call), call);
    }
    if (report.is === 'failed') throw await this.#over(builder, bakeFailure(report), call);
    if (standing === 'on') {
      if (builder.task === undefined) await servers.stop(builder.id, call.signal);
      return notYet(1_000, 'the builder is being switched off');
    }
    await this.#snapshot(builder, report.tree, order, { base, inputs }, call);
    return notYet(1_000, 'the image is being made');
  }

  async #begin(order: BakeOrder, base: GlanceImage, inputs: string, call: Call): Promise<Reply<Image>> {
    const { servers } = this.#cloud;
    const { signal } = call;
    // Before the package is brought: what does not fit needs none.
    const place = await placeOfBuilder(this.#cloud, signal);
    const report = `reports/${randomBytes(16).toString('hex')}`;
    const data = bakingUserData(order, await this.#urls(order, report, call));
    call.ensureTime(effectTime);
    await servers.make(
      {
        ...place,
        name: serverName(order.mark, 'builder'),
        imageRef: base.id,
        user_data: userDataOf(data),
        tags: [ownerTag(order.mark.owner)],
        metadata: { ...labelsOf(order.mark, 'builder'), [key.report]: report, [key.inputs]: inputs },
      },
      undefined,
      signal,
    );
    return notYet(1_000, 'the builder is being made');
  }

  /** Puts the bytes where a builder can fetch them. They are there by their digest: what is there is not sent again. */
  async #urls(order: BakeOrder, report: string, { signal, log }: Call) {
    const { swift, settings } = this.#cloud;
    const lasts = settings.baking + settings.boot;
    const brought = async (digest: string, file: string): Promise<string> => {
      const name = `packages/${digest.replace(':', '-')}`;
      await swift.put(name, file, signal);
      return swift.address('GET', name, lasts, signal);
    };
    log(`bringing ${order.package.name} to the object store`);
    const files = new Map<string, string>();
    for (const { path, digest = '' } of order.recipe.files ?? [])
      files.set(path, await brought(digest, order.files.get(path) ?? ''));
    return {
      package: await brought(order.package.digest, order.packageFile),
      files,
      manifest: await swift.address('PUT', `${report}.tree`, lasts, signal),
      report: await swift.address('PUT', report, lasts, signal),
    };
  }

  async #report({ metadata = {} }: Server, { signal }: Call): Promise<BakeReport | undefined> {
    const text = await this.#cloud.swift.read(metadata[key.report] ?? 'reports/none', signal);
    return text === undefined ? undefined : bakeReportOf(text);
  }

  async #snapshot(
    { id, metadata = {} }: Server,
    digest: string,
    order: BakeOrder,
    { base, inputs }: { base: GlanceImage; inputs: string },
    call: Call,
  ): Promise<void> {
    const { servers, swift, settings } = this.#cloud;
    const tree = treeIn(await swift.read(`${metadata[key.report]}.tree`, call.signal), digest);
    const manifest = await keepManifest(tree, order, base, settings.keep);
    call.ensureTime(effectTime);
    const { service, version } = order.mark;
    const properties = {
      ...labelsOf(order.mark, 'image'),
      [key.inputs]: inputs,
      [key.digest]: digest,
      [key.manifest]: manifest,
      [key.commit]: order.sha,
    };
    // Refused while another copy's is on its way: then that image is found.
    await servers.snapshot(id, `${service}-v${version}-${inputs.slice(0, 8)}`, properties, call.signal);
  }

  /** A bake that failed leaves no builder: another attempt begins anew. */
  async #over(builder: Server, failure: ProviderError, { signal }: Call): Promise<ProviderError> {
    await removeBuilder(this.#cloud, builder, signal);
    return failure;
  }

  async #silent({ id }: Server, isOff: boolean, { signal }: Call): Promise<ProviderError> {
    const lines = (await this.#cloud.servers.console(id, signal)).trimEnd().split('\n').slice(-shownLines);
    const minutes = Math.round(this.#cloud.settings.baking / 60_000);
    return isOff
      ? new ProviderError(
          'exited',
          'The builder switched itself off and left no report. No image was made; its console says more.',
          { lines },
        )
      : new ProviderError(
          'timeout',
          `The builder left no report within ${minutes} min. No image was made; see whether it reaches the object store, and its console.`,
          { lines },
        );
  }
}
