import { home } from './ec2.mjs';
import { build, listOf, parse } from './xml.mjs';

/** What EC2 does with images that leave their region or account, and moto 5.2 does not, each with where EC2 says so. */
const copyTime = 1_500;

export class Sharing {
  /** `moto` is its address; `ec2` the rules of what it makes. */
  constructor(moto, ec2) {
    this.moto = moto;
    this.ec2 = ec2;
    this.accounts = new Map();
    this.permissions = new Map();
    this.copies = new Map();
    this.standIns = new Map();
  }

  get rules() {
    const { rules } = this.ec2;
    return {
      'sts:AssumeRole': (asked, forward) => this.#assume(asked, forward),
      'ec2:CopyImage': (asked, forward) => this.ec2.inTurn(() => this.#copy(asked, forward)),
      'ec2:ModifyImageAttribute': (asked, forward) => this.#modify(asked, forward),
      'ec2:DescribeImages': async (asked, forward) =>
        (await this.#shared(asked)) ?? rules['ec2:DescribeImages'](asked, forward),
      'ec2:RunInstances': async (asked, forward) =>
        rules['ec2:RunInstances'](asked, (await this.#asStandIn(asked, forward)) ?? forward),
    };
  }

  async #assume({ params }, forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const { AssumeRoleResponse: told } = parse(answer.body.toString('utf8'));
    this.accounts.set(
      told.AssumeRoleResult.Credentials.AccessKeyId,
      params.get('RoleArn')?.split(':')[4] ?? home,
    );
    return answer;
  }

  #accountOf = ({ key }) => this.accounts.get(key) ?? home;

  /**
   * CopyImage: the same client token gives the first copy ("Ensuring idempotency"), tags of the image and its snapshots
   * come in the call (`TagSpecification`), and it is `pending` while its snapshots are copied.
   */
  async #copy({ params, region }, forward) {
    const token = `${region} ${params.get('ClientToken')}`;
    const known = this.copies.get(token);
    if (known !== undefined) return known;
    const kept = new URLSearchParams([...params].filter(([name]) => !name.startsWith('TagSpecification')));
    const answer = await forward(Buffer.from(kept.toString()));
    if (answer.status !== 200) return answer;
    this.copies.set(token, answer);
    const id = parse(answer.body.toString('utf8')).CopyImageResponse.imageId;
    const layers = this.ec2.images.get(params.get('SourceImageId'))?.layers ?? [];
    this.ec2.images.set(id, { layers, began: Date.now() + copyTime, state: this.ec2.nextImage });
    this.ec2.nextImage = undefined;
    await this.ec2.tagSnapshots(id, tagsFor(params, 'snapshot'), forward);
    await this.ec2.tag(id, tagsFor(params, 'image'), forward);
    return answer;
  }

  async #modify({ params }, forward) {
    const answer = await forward();
    const id = params.get('ImageId');
    const added = [...params].filter(([name]) => /^LaunchPermission\.Add\.\d+\.UserId$/.test(name));
    if (answer.status === 200)
      this.permissions.set(
        id,
        new Set([...(this.permissions.get(id) ?? []), ...added.map(([, user]) => user)]),
      );
    return answer;
  }

  /** "Share an AMI": whom it is shared with sees it by its id, and none of its tags. moto shows it to its account alone. */
  async #shared(asked) {
    const id = asked.params.get('ImageId.1');
    if (!this.#isShared(asked, id) || asked.params.has('Owner.1')) return undefined;
    const scope = `testing/20260101/${asked.region}/ec2/aws4_request`;
    const response = await fetch(this.moto, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
      body: asked.params,
    });
    const document = parse(await response.text());
    for (const item of listOf(document.DescribeImagesResponse?.imagesSet)) delete item.tagSet;
    return { body: build(document), status: response.status };
  }

  #isShared(asked, id) {
    const account = this.#accountOf(asked);
    return account !== home && this.permissions.get(id)?.has(account) === true;
  }

  /** Starts it under the id of an image that moto lets that account start. */
  async #asStandIn(asked, forward) {
    const { params, region } = asked;
    if (!this.#isShared(asked, params.get('ImageId'))) return undefined;
    const account = `${this.#accountOf(asked)} ${region}`;
    const known = this.standIns.get(account) ?? (await registered(forward));
    this.standIns.set(account, known);
    const sent = new URLSearchParams(params);
    sent.set('ImageId', known);
    return async () => {
      const answer = await forward(Buffer.from(sent.toString()));
      const body = answer.body.toString('utf8').replaceAll(known, params.get('ImageId'));
      return { ...answer, body: Buffer.from(body) };
    };
  }
}

async function registered(forward) {
  const fields = { Version: '2016-11-15', Action: 'RegisterImage', Name: 'stand-in' };
  const answer = await forward(Buffer.from(new URLSearchParams(fields).toString()));
  return parse(answer.body.toString('utf8')).RegisterImageResponse.imageId;
}

/** The tags of a call that are for one kind of resource. */
function tagsFor(params, kind) {
  const prefixes = [...params]
    .filter(([name, value]) => /^TagSpecification\.\d+\.ResourceType$/.test(name) && value === kind)
    .map(([name]) => name.slice(0, -'ResourceType'.length));
  return [...params]
    .filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)) && name.endsWith('.Key'))
    .map(([name, key]) => [key, params.get(name.replace(/Key$/, 'Value')) ?? '']);
}
