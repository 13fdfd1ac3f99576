import { type Call, type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';
import { startingUserData } from '../cloud-init/starting.ts';
import { instanceName, markKey } from '../instance-name.ts';
import type { Cloud } from './cloud.ts';
import { amiIn } from './copies.ts';
import { hadNoRoom, type Machine, type Machines } from './machines.ts';
import { checkReference, secretReader } from './secrets.ts';
import { tag, tagsOf, withTag } from './tags.ts';

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
    const { mark } = order;
    const filters = [
      withTag(tag.owner, mark.owner),
      withTag(tag.effect, mark.effect),
      withTag(tag.generation, String(mark.generation)),
      withTag(tag.what, 'instance'),
    ];
    const found = await this.#machines.find(filters, call);
    const kept = await this.#machines.onlyOne(found, call);
    if (kept !== undefined) return kept;
    if (found.some((one) => !hadNoRoom(one))) throw wasEnded();
    const { instances } = this.#cloud.settings;
    return this.#machines.make(
      {
        image: amiIn(this.#cloud.settings.region, order.image),
        // One that ended for want of room is not what its token brings back.
        token: found.length === 0 ? markKey(mark) : `${markKey(mark)}-${found.length}`,
        userData: startingUserData({
          order,
          ...settingsOf(order, instances.port),
          reader: secretReader,
        }),
        tags: tagsOf(mark, 'instance', instanceName(mark)),
        placing: instances,
        first: (order.spec.ordinal ?? 0) + found.length,
        profile: instances.profile,
      },
      call,
    );
  }
}

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

const wasEnded = (): ProviderError =>
  new ProviderError(
    'unexpected state',
    'This instance was ended, by Bakery or by somebody else, so it is not started again. Nothing was changed; retry makes a new one.',
  );
