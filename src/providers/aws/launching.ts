import type { Mark } from '../../pipeline/domain/task.ts';
import { type Call, type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';
import { type Starting, startingUserData } from '../cloud-init/starting.ts';
import { instanceName, markKey } from '../instance-name.ts';
import { isSameMark } from '../mark-fields.ts';
import type { Cloud } from './cloud.ts';
import { amiIn } from './copies.ts';
import { hadNoRoom, type Machine, type Machines } from './machines.ts';
import { checkReference, secretReader } from './secrets.ts';
import { markOf, tag, tagsOf, withTag } from './tags.ts';

/** Makes the machine of a mark, or finds it. */
export class Launching {
  readonly #cloud: Cloud;
  readonly #machines: Machines;

  constructor(cloud: Cloud, machines: Machines) {
    this.#cloud = cloud;
    this.#machines = machines;
  }

  /** The one machine of this mark: found, or made just now. Undefined while another copy makes it. */
  async begin(order: LaunchOrder, call: Call): Promise<Machine | undefined> {
    const found = (await this.ofEffect(order.mark, call)).filter(isOf(order.mark));
    const kept = await this.#machines.onlyOne(found, call);
    if (kept !== undefined) return kept;
    if (found.some((one) => !hadNoRoom(one))) throw wasEnded();
    return this.make(
      order,
      found.length,
      { userData: startingUserData(this.starting(order)), tags: {} },
      call,
    );
  }

  /** All machines of a mark's effect, of whatever generation, the oldest first; those that ended as well. */
  ofEffect({ owner, effect }: Mark, call: Call): Promise<Machine[]> {
    return this.#machines.find(
      [withTag(tag.owner, owner), withTag(tag.effect, effect), withTag(tag.what, 'instance')],
      call,
    );
  }

  /** `before` of them ended for want of room: they are not what its token brings back. */
  make(
    { image, mark, spec }: LaunchOrder,
    before: number,
    { userData, tags }: { userData: Buffer; tags: Record<string, string> },
    call: Call,
  ): Promise<Machine | undefined> {
    const { instances, region } = this.#cloud.settings;
    return this.#machines.make(
      {
        image: amiIn(region, image),
        token: before === 0 ? markKey(mark) : `${markKey(mark)}-${before}`,
        userData,
        tags: tagsOf(mark, 'instance', instanceName(mark), tags),
        placing: instances,
        first: (spec.ordinal ?? 0) + before,
        profile: instances.profile,
      },
      call,
    );
  }

  /** What its user data is made from. Throws `bad settings`. */
  starting(order: LaunchOrder): Starting {
    return { order, ...settingsOf(order, this.#cloud.settings.instances.port), reader: secretReader };
  }
}

/** Of a mark's generation as well. */
export const isOf =
  (mark: Mark) =>
  ({ Tags }: Machine): boolean =>
    isSameMark(markOf(Tags), mark);

/** What is told in user data, and what the instance reads itself. Throws `bad settings`. */
function settingsOf({ spec, environment, files = {} }: LaunchOrder, port: number) {
  const secrets = Object.entries(spec.settings).flatMap(([name, setting]) =>
    'secret' in setting ? [{ name, reference: setting.secret, file: setting.file === true }] : [],
  );
  for (const secret of secrets) checkReference(secret);
  const hidden = new Set([...secrets.map(({ name }) => name), ...Object.keys(files)]);
  const shown = Object.entries(environment).filter(([name]) => !hidden.has(name));
  return {
    variables: { ...Object.fromEntries(shown), PORT: String(port), HOST: '0.0.0.0' },
    secrets,
  };
}

export const wasEnded = (): ProviderError =>
  new ProviderError(
    'unexpected state',
    'This instance was ended, by Bakery or by somebody else, so it is not started again. Nothing was changed; retry makes a new one.',
  );
