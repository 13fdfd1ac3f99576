import { Agent, request, WebSocket } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import { calmCall } from '../../support/call.ts';
import { until } from '../../support/until.ts';
import type { WebMember } from '../../support/web-member.ts';
import { type EmbeddedRig, embeddedRig } from './rig.ts';

const call = calmCall();
const health = { path: '/health' };
let rig: EmbeddedRig;
beforeAll(async () => {
  rig = await embeddedRig();
});
afterAll(() => rig.close());

async function admitted(frontend: Frontend, { instance }: WebMember): Promise<void> {
  await rig.balancer.attach(frontend, instance, health, 1, call);
  await until(`${instance.id} is healthy`, async () => {
    const { members } = await rig.balancer.members(frontend, call);
    return members.some((member) => member.instance === instance.id && member.health === 'healthy');
  });
}

/** Attach, shift, drain, detach: all traffic from one to the other, while clients go on. */
async function cutOver(frontend: Frontend, from: WebMember, to: WebMember, patience: number): Promise<void> {
  await admitted(frontend, to);
  await rig.balancer.shift(frontend, { [from.instance.id]: 50, [to.instance.id]: 50 }, 1, call);
  await rig.balancer.shift(frontend, { [to.instance.id]: 100 }, 1, call);
  const deadline = Date.now() + patience;
  await until('the old one is drained', async () => {
    return (await rig.balancer.drain(frontend, from.instance.id, deadline, 1, call)).ready;
  });
  await rig.balancer.detach(frontend, from.instance.id, 1, call);
}

/** Clients that send one request after the other on kept connections until they are told to stop. */
function clients(port: number) {
  const agent = new Agent({ connections: 32 });
  const failures: string[] = [];
  let sent = 0;
  let going = true;
  const loop = async (path: string, body?: string): Promise<void> => {
    while (going) {
      sent += 1;
      try {
        const method = body === undefined ? 'GET' : 'POST';
        const answer = await request(`http://127.0.0.1:${port}${path}`, {
          dispatcher: agent,
          method,
          ...(body === undefined ? {} : { body }),
        });
        const text = await answer.body.text();
        if (answer.statusCode !== 200 || (body !== undefined && text !== body))
          failures.push(`${path}: ${answer.statusCode} ${text}`);
      } catch (error) {
        failures.push(`${path}: ${error}`);
      }
    }
  };
  const loops = [
    ...Array.from({ length: 6 }, () => loop('/')),
    ...Array.from({ length: 2 }, () => loop('/echo', 'words '.repeat(1000))),
    ...Array.from({ length: 4 }, () => loop('/slow')),
  ];
  return {
    async stop() {
      going = false;
      await Promise.all(loops);
      await agent.destroy();
      return { sent, failures };
    },
  };
}

/** A WebSocket on which each word that came back is followed by the next. */
function talker(port: number) {
  const failures: string[] = [];
  let said = 0;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const say = (): void => socket.send(`word ${said}`);
  socket.addEventListener('open', say);
  socket.addEventListener('error', () => failures.push('error'));
  socket.addEventListener('close', () => failures.push('closed'));
  socket.addEventListener('message', ({ data }) => {
    if (data !== `word ${said}`) failures.push(`heard ${data}`);
    said += 1;
    setTimeout(say, 5);
  });
  return {
    stop() {
      const outcome = { said, failures: [...failures] };
      socket.close();
      return outcome;
    },
  };
}

test('ten cut-overs under load lose no request and break no WebSocket', { timeout: 20_000 }, async () => {
  const frontend = await rig.frontend();
  let live = await rig.member();
  let next = await rig.member();
  await admitted(frontend, live);
  await rig.balancer.shift(frontend, { [live.instance.id]: 100 }, 1, call);
  const load = clients(frontend.port);
  const talk = talker(frontend.port);
  await until('the load runs', () => live.seen.length > 200);

  // Twice there is time for the requests of one second to end; else the instance is taken out with them in flight.
  for (let cycle = 0; cycle < 10; cycle += 1) {
    await cutOver(frontend, live, next, cycle % 5 === 4 ? 1300 : 150);
    [live, next] = [next, live];
  }

  const words = talk.stop();
  const { sent, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(words.failures).toEqual([]);
  expect(words.said).toBeGreaterThan(50);
  expect(sent).toBeGreaterThan(1000);
  console.info(`${sent} requests and ${words.said} words over 10 cut-overs, 0 failed`);
});
