import { ask, home, snapshotsOf } from './ec2.mjs';
import { build, listOf, parse } from './xml.mjs';

/**
 * What EC2 does with keys of KMS and moto 5.2 does not, each with where EC2 says so. That a key is there is moto's own
 * KMS to say; a disk's key is what moto's own list of volumes tells.
 */
const doomed = 600;

export class Keys {
  /** `moto` is its address; `ec2` the rules of what it makes. */
  constructor(moto, ec2) {
    this.moto = moto;
    this.ec2 = ec2;
    this.images = new Map();
    this.snapshots = new Map();
  }

  /** They stand around EC2's other rules: see `around`. */
  get rules() {
    return {
      'ec2:RunInstances': (asked, forward, inner) => this.#run(asked, forward, inner),
      'ec2:CreateImage': (asked, forward, inner) => this.#createImage(asked, forward, inner),
      'ec2:CopyImage': (asked, forward, inner) => this.#copy(asked, forward, inner),
      'ec2:DescribeImages': (_asked, _forward, inner) => this.#describeImages(inner),
      'ec2:DescribeSnapshots': (_asked, forward) => this.#describeSnapshots(forward),
    };
  }

  /** A key with an alias, as its owner would make it. Gives its ARN. */
  async make(region, alias) {
    const { KeyMetadata } = await this.#kms(region, 'CreateKey', {});
    await this.#kms(region, 'CreateAlias', { AliasName: alias, TargetKeyId: KeyMetadata.KeyId });
    return KeyMetadata.Arn;
  }

  async #arnOf(region, KeyId) {
    return (await this.#kms(region, 'DescribeKey', { KeyId })).KeyMetadata?.Arn;
  }

  async #kms(region, action, told) {
    const scope = `testing/20260101/${region}/kms/aws4_request`;
    const response = await fetch(this.moto, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${action}`,
      },
      body: JSON.stringify(told),
    });
    return response.json();
  }

  /**
   * A disk takes a key by id, alias or ARN, and is told with its ARN; of the image's own disk the rest need not be said
   * ("Block device mappings"), which moto wants. With a key that cannot be used a machine ends itself: "Instance terminates
   * immediately", `Client.InternalError: Client error on launch`.
   */
  async #run(asked, forward, inner) {
    const { params, region } = asked;
    const field = [...params.keys()].find((name) => /^BlockDeviceMapping\.\d+\.Ebs\.KmsKeyId$/.test(name));
    if (field === undefined) return inner();
    needsEncrypted(params, field.replace(/KmsKeyId$/, 'Encrypted'));
    const arn = await this.#arnOf(region, params.get(field));
    const sent = new URLSearchParams(params);
    if (arn !== undefined) sent.set(field, arn);
    const [snapshot] = await snapshotsOf(params.get('ImageId'), forward);
    sent.set(field.replace(/KmsKeyId$/, 'SnapshotId'), snapshot);
    const answer = await inner({ ...asked, params: sent });
    if (arn === undefined && (answer.status ?? 200) === 200) {
      const [{ instanceId }] = listOf(parse(`${answer.body}`).RunInstancesResponse.instancesSet);
      setTimeout(() => this.ec2.vanish(instanceId, 'Client.InternalError'), doomed);
    }
    return answer;
  }

  /** "Amazon EBS encryption": snapshots of an encrypted volume are encrypted by its key. */
  async #createImage({ params }, forward, inner) {
    const answer = await inner();
    if (answer.status !== 200) return answer;
    const described = await ask(forward, {
      Action: 'DescribeVolumes',
      ...{ 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': params.get('InstanceId') },
    });
    const volumes = listOf(parse(`${described.body}`).DescribeVolumesResponse.volumeSet);
    const key = volumes.find(({ encrypted }) => encrypted === 'true')?.kmsKeyId;
    await this.#note(parse(`${answer.body}`).CreateImageResponse.imageId, key, forward);
    return answer;
  }

  /**
   * CopyImage: the key is one of the region that is copied to. "Amazon Web Services authenticates the KMS key
   * asynchronously": with one that is not there the copy fails later. Without a key what was encrypted is so by the
   * region's default.
   */
  async #copy({ params, region }, forward, inner) {
    const wanted = params.get('KmsKeyId');
    if (wanted !== null) needsEncrypted(params, 'Encrypted');
    const answer = await inner();
    if (answer.status !== 200) return answer;
    const id = parse(`${answer.body}`).CopyImageResponse.imageId;
    const isEncrypted = params.get('Encrypted') === 'true' || this.images.has(params.get('SourceImageId'));
    const usual = isEncrypted ? `arn:aws:kms:${region}:${home}:alias/aws/ebs` : undefined;
    const key = wanted === null ? usual : await this.#arnOf(region, wanted);
    if (wanted !== null && key === undefined) this.ec2.images.get(id).state = 'failed';
    await this.#note(id, key, forward);
    return answer;
  }

  async #note(image, key, forward) {
    if (key === undefined) return;
    this.images.set(image, key);
    for (const id of await snapshotsOf(image, forward)) this.snapshots.set(id, key);
  }

  async #describeImages(inner) {
    const answer = await inner();
    const document = parse(`${answer.body}`);
    for (const { imageId, blockDeviceMapping } of listOf(document.DescribeImagesResponse?.imagesSet))
      for (const { ebs } of listOf(blockDeviceMapping))
        if (ebs !== undefined && this.images.has(imageId)) ebs.encrypted = 'true';
    return { ...answer, body: build(document) };
  }

  async #describeSnapshots(forward) {
    const answer = await forward();
    const document = parse(`${answer.body}`);
    for (const item of listOf(document.DescribeSnapshotsResponse?.snapshotSet)) {
      const kmsKeyId = this.snapshots.get(item.snapshotId);
      if (kmsKeyId !== undefined) Object.assign(item, { encrypted: 'true', kmsKeyId });
    }
    return { ...answer, body: build(document) };
  }
}

/** "InvalidParameterDependency": a key is given for what is to be encrypted. */
function needsEncrypted(params, field) {
  if (params.get(field) !== 'true')
    throw {
      code: 'InvalidParameterDependency',
      message: 'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    };
}
