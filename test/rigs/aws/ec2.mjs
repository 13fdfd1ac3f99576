import { build, listOf, parse } from './xml.mjs';

/**
 * What EC2 does and moto 5.2 does not, each with where it stands in EC2's documentation. What runs on the machines is
 * the room's affair; what is told of them is here.
 */
export const home = '123456789012';
const soon = { running: 400, statusOk: 1_200, image: 1_500 };

export class Ec2 {
  /** `room` runs the machines; `layers` of the base image is none. */
  constructor(room) {
    this.room = room;
    this.machines = new Map();
    this.images = new Map();
    this.tokens = new Map();
    this.deregistered = new Set();
    this.lag = 0;
    this.turn = Promise.resolve();
  }

  get rules() {
    return {
      'ec2:RunInstances': (asked, forward) => this.inTurn(() => this.#run(asked, forward)),
      'ec2:DescribeInstances': (asked, forward) => this.#describe(asked, forward),
      'ec2:DescribeInstanceStatus': (_asked, forward) => this.#statuses(forward),
      'ec2:StopInstances': (asked, forward) => this.#stop(asked, forward),
      'ec2:TerminateInstances': (asked, forward) => this.#terminate(asked, forward),
      'ec2:GetConsoleOutput': (asked) => this.#console(asked),
      'ec2:CreateImage': (asked, forward) => this.inTurn(() => this.#createImage(asked, forward)),
      'ec2:DescribeImages': (_asked, forward) => this.#describeImages(forward),
      'ec2:DeregisterImage': (asked, forward) => this.#deregister(asked, forward),
    };
  }

  /** The tree of the metadata service for the machine of an address. */
  metadataOf(address) {
    const machine = [...this.machines.values()].find(
      (one) => one.address === address && one.state !== 'terminated',
    );
    if (machine === undefined) return undefined;
    const region = 'eu-central-1';
    const role =
      machine.profile === undefined
        ? {}
        : {
            iam: {
              info: JSON.stringify({ Code: 'Success' }),
              'security-credentials': {
                [machine.profile]: JSON.stringify({
                  Code: 'Success',
                  AccessKeyId: 'ASIAINSTANCE',
                  SecretAccessKey: 'of the instance',
                  Token: 'its token',
                }),
              },
            },
          };
    return {
      ...(machine.userData.length === 0 ? {} : { 'user-data': machine.userData }),
      'meta-data': {
        'ami-id': machine.image,
        'instance-id': machine.id,
        'instance-type': machine.type,
        'local-ipv4': address,
        'local-hostname': `ip-${address.replaceAll('.', '-')}`,
        hostname: `ip-${address.replaceAll('.', '-')}`,
        placement: { region, 'availability-zone': `${region}a` },
        mac: '02:00:00:00:00:01',
        network: {
          interfaces: { macs: { '02:00:00:00:00:01': { 'device-number': '0', 'local-ipv4s': address } } },
        },
        ...role,
      },
      dynamic: { 'instance-identity': { document: JSON.stringify({ region, accountId: home }) } },
    };
  }

  /** A machine goes without anybody having asked: by EC2 itself, or by a person at the console. */
  async vanish(id, reason = 'Server.SpotInstanceTermination') {
    const machine = this.machines.get(id);
    machine.state = 'terminated';
    machine.reason = reason;
    this.room.kill(id);
    await this.room.remove(id);
  }

  /** One after the other, as calls that look at tokens and names have to. */
  inTurn(work) {
    const result = this.turn.then(work, work);
    this.turn = result.catch(() => {});
    return result;
  }

  /**
   * "Ensuring idempotency in Amazon EC2 API requests": the same token and parameters give the first instance, whatever
   * became of it; other parameters are IdempotentParameterMismatch.
   */
  async #run({ params }, forward) {
    const token = params.get('ClientToken');
    const rest = [...params]
      .filter(([name]) => name !== 'ClientToken')
      .sort()
      .join('\n');
    const known = this.tokens.get(token);
    if (known !== undefined && known.rest !== rest)
      throw {
        code: 'IdempotentParameterMismatch',
        message: 'The client token was used with other parameters.',
      };
    if (known !== undefined) return xml(this.#withStates(parse(known.body)));
    // "InvalidAMIID.NotFound": moto still starts what was deregistered.
    if (this.deregistered.has(params.get('ImageId')))
      throw {
        code: 'InvalidAMIID.NotFound',
        message: `The image id '[${params.get('ImageId')}]' does not exist`,
      };
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const body = answer.body.toString('utf8');
    const document = parse(body);
    const [item] = listOf(document.RunInstancesResponse.instancesSet);
    const machine = {
      id: item.instanceId,
      address: item.privateIpAddress,
      image: item.imageId,
      type: item.instanceType,
      profile: params.get('IamInstanceProfile.Name') ?? undefined,
      userData: Buffer.from(params.get('UserData') ?? '', 'base64'),
      state: 'pending',
      began: Date.now(),
    };
    this.machines.set(machine.id, machine);
    if (token !== null) this.tokens.set(token, { rest, body });
    this.#boot(machine);
    return xml(this.#withStates(document));
  }

  #boot(machine) {
    setTimeout(() => {
      if (machine.state === 'pending') machine.state = 'running';
    }, soon.running);
    const layers = this.images.get(machine.image)?.layers ?? [];
    this.room.start(machine.id, { layers, address: machine.address }).then(() => {
      // "InstanceInitiatedShutdownBehavior": a machine that switches itself off is stopped.
      if (machine.state === 'running' || machine.state === 'pending') machine.state = 'stopped';
    });
  }

  async #describe(_asked, forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const document = parse(answer.body.toString('utf8'));
    const set = document.DescribeInstancesResponse.reservationSet;
    // "Eventual consistency in the Amazon EC2 API": what was made a moment ago may not be shown yet.
    const isShown = ({ instanceId }) => {
      const began = this.machines.get(instanceId)?.began ?? 0;
      return Date.now() - began >= this.lag;
    };
    const shown = listOf(set).filter((reservation) => listOf(reservation.instancesSet).every(isShown));
    document.DescribeInstancesResponse.reservationSet = { item: shown };
    return xml(this.#withStates(document));
  }

  /** "Instance lifecycle": moto goes through it at once. */
  #withStates(document) {
    const codes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 };
    const visit = (node) => {
      if (typeof node !== 'object' || node === null) return;
      const machine = this.machines.get(node.instanceId);
      if (machine !== undefined) {
        for (const name of ['instanceState', 'currentState'])
          if (node[name] !== undefined)
            node[name] = { code: String(codes[machine.state]), name: machine.state };
        if (machine.reason !== undefined)
          node.stateReason = { code: machine.reason, message: machine.reason };
      }
      for (const child of Object.values(node)) visit(child);
    };
    visit(document);
    return document;
  }

  /** "Status checks for your instances": `initializing` for a while. */
  async #statuses(forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const document = parse(answer.body.toString('utf8'));
    const set = document.DescribeInstanceStatusResponse.instanceStatusSet;
    for (const item of listOf(set)) {
      const machine = this.machines.get(item.instanceId);
      if (machine === undefined) continue;
      const word = Date.now() - machine.began < soon.statusOk ? 'initializing' : (this.check ?? 'ok');
      for (const name of ['systemStatus', 'instanceStatus']) item[name] = { ...item[name], status: word };
    }
    return xml(document);
  }

  async #stop({ params }, forward) {
    for (const id of idsIn(params)) {
      const machine = this.machines.get(id);
      if (machine?.state !== 'running') continue;
      machine.state = 'stopping';
      this.room.stop(id).then(() => {
        machine.state = 'stopped';
      });
    }
    const answer = await forward();
    return answer.status === 200 ? xml(this.#withStates(parse(answer.body.toString('utf8')))) : answer;
  }

  /** "How instance termination works": the system is told to shut down first. */
  async #terminate({ params }, forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    for (const id of idsIn(params)) {
      const machine = this.machines.get(id);
      if (machine === undefined || ['shutting-down', 'terminated'].includes(machine.state)) continue;
      machine.state = 'shutting-down';
      machine.reason = 'Client.UserInitiatedShutdown';
      this.room.remove(id).then(() => {
        machine.state = 'terminated';
      });
    }
    return xml(this.#withStates(parse(answer.body.toString('utf8'))));
  }

  #console({ params }) {
    const id = params.get('InstanceId');
    const output = Buffer.from(this.room.console(id)).toString('base64');
    return {
      body: `<GetConsoleOutputResponse><requestId>rig</requestId><instanceId>${id}</instanceId><timestamp>${new Date().toISOString()}</timestamp><output>${output}</output></GetConsoleOutputResponse>`,
    };
  }

  /** CreateImage: a name is given once ("InvalidAMIName.Duplicate"), its snapshots take tags, and it takes its time. */
  async #createImage({ params }, forward) {
    const name = params.get('Name');
    if ([...this.images.values()].some((image) => image.name === name))
      throw { code: 'InvalidAMIName.Duplicate', message: `AMI name ${name} is already in use.` };
    const machine = this.machines.get(params.get('InstanceId'));
    if (machine?.state !== 'stopped')
      throw { code: 'IncorrectInstanceState', message: `The instance is ${machine?.state}.` };
    const { kept, snapshotTags } = withoutSnapshotTags(params);
    const answer = await forward(Buffer.from(kept.toString()));
    if (answer.status !== 200) return answer;
    const id = parse(answer.body.toString('utf8')).CreateImageResponse.imageId;
    this.images.set(id, {
      name,
      layers: this.room.seal(machine.id, id),
      began: Date.now(),
      state: this.nextImage,
    });
    this.nextImage = undefined;
    await this.tagSnapshots(id, snapshotTags, forward);
    return answer;
  }

  async tagSnapshots(id, tags, forward) {
    for (const snapshot of await snapshotsOf(id, forward)) await this.tag(snapshot, tags, forward);
  }

  async tag(id, tags, forward) {
    const fields = tags.flatMap(([key, value], index) => [
      [`Tag.${index + 1}.Key`, key],
      [`Tag.${index + 1}.Value`, value],
    ]);
    await ask(forward, { Action: 'CreateTags', 'ResourceId.1': id, ...Object.fromEntries(fields) });
  }

  /** "AMI lifecycle": `pending` until its snapshots are there; it may end `failed`. */
  async #describeImages(forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const document = parse(answer.body.toString('utf8'));
    for (const item of listOf(document.DescribeImagesResponse.imagesSet)) {
      const image = this.images.get(item.imageId);
      if (image === undefined) continue;
      const isMade = Date.now() - image.began >= soon.image;
      item.imageState = isMade ? (image.state ?? 'available') : 'pending';
      if (item.imageState === 'failed')
        item.stateReason = { code: 'Server.InternalError', message: 'The snapshot failed.' };
    }
    return xml(document);
  }

  async #deregister({ params }, forward) {
    const answer = await forward();
    const id = params.get('ImageId');
    if (answer.status === 200) {
      const inUse = [...this.machines.values()].some((one) => one.image === id && one.state !== 'terminated');
      const [layer] = this.images.get(id)?.layers ?? [];
      if (layer !== undefined && !inUse) this.room.forgetLayer(layer);
      this.images.delete(id);
      this.deregistered.add(id);
    }
    return answer;
  }
}

/** A call of the rig's own, as whoever asks. */
export const ask = (forward, fields) =>
  forward(Buffer.from(new URLSearchParams({ Version: '2016-11-15', ...fields }).toString()));

/** The snapshots that an image is made of. */
export async function snapshotsOf(id, forward) {
  const described = await ask(forward, { Action: 'DescribeImages', 'ImageId.1': id });
  const [image] = listOf(parse(described.body.toString('utf8')).DescribeImagesResponse.imagesSet);
  return listOf(image.blockDeviceMapping).flatMap(({ ebs }) => ebs?.snapshotId ?? []);
}

const xml = (document) => ({ body: build(document) });

const idsIn = (params) => [...params].filter(([name]) => /^InstanceId\.\d+$/.test(name)).map(([, id]) => id);

/** moto answers a tag specification for snapshots with a page of HTML. */
function withoutSnapshotTags(params) {
  const kept = new URLSearchParams(params);
  const snapshotTags = [];
  const at = [...params].find(
    ([name, value]) => /^TagSpecification\.\d+\.ResourceType$/.test(name) && value === 'snapshot',
  )?.[0];
  if (at === undefined) return { kept, snapshotTags };
  const prefix = at.slice(0, -'ResourceType'.length);
  for (const [name, value] of params) {
    if (!name.startsWith(prefix)) continue;
    kept.delete(name);
    if (name.endsWith('.Key')) snapshotTags.push([value, params.get(name.replace(/Key$/, 'Value')) ?? '']);
  }
  return { kept, snapshotTags };
}
