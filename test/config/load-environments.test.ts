import { describe, expect, it } from 'vitest';
import {
  good,
  goodBot,
  goodService,
  load,
  problemsOf,
  serviceWithSettings,
  withService,
} from './installation.ts';

describe('the configuration', () => {
  it("lets an environment's own word win over defaults, and production wait for approval", async () => {
    const text = goodService
      .replace('{ balancer: front }', '{ balancer: front, soak: 1m, count: 3 }')
      .replace('{ port: 7002 }', '{ port: 7002, soak: 2m, production: true }');
    const bot = goodBot.replace('root: machine', 'root: machine, allowProduction: true');
    const { config } = await load({ 'bot.yaml': bot, 'services/hello.yaml': text });
    expect(config.policies.get('hello')?.environments).toMatchObject([
      { soak: 60_000, count: 3, promotion: 'auto', approvals: 0 },
      { soak: 120_000, count: 3, promotion: 'approval', approvals: 1, selfApproval: false },
    ]);
  });

  it('gives the same digest to the same settings in another order, and another to other ones', async () => {
    const digest = async (text: string) =>
      (await load({ ...good, 'services/hello.yaml': serviceWithSettings(text) })).config.policies.get('hello')
        ?.environments[0]?.settings.digest;
    const first = await digest('{ A: x, B: { secret: env:B } }');
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest('{ B: { secret: env:B }, A: x }')).toBe(first);
    expect(await digest('{ A: x, B: env:B }')).not.toBe(first);
  });

  it('refuses production on the local provider unless the installation allows it', async () => {
    const text = goodService.replace('{ port: 7002 }', '{ port: 7002, production: true }');
    expect(await withService(text)).toEqual([
      'services/hello.yaml:7: `staging` is production on the provider `machine` of kind local, which does not isolate; set its `allowProduction: true` in bot.yaml if this is meant.',
    ]);
  });

  it('refuses a port that two slots share, in one file or in two', async () => {
    const problems = await problemsOf({
      ...good,
      'services/other.yaml': goodService.replace('7002', '7003'),
      'services/third.yaml': goodService.replace('7001', '8080').replace('7002', '3000'),
    });
    expect(problems).toEqual([
      'services/other.yaml:6: The port 7001 belongs to hello in dev already; choose another one.',
      "services/third.yaml:6: The port 8080 belongs to Bakery's own http already; choose another one.",
      "services/third.yaml:7: The port 3000 belongs to Bakery's own slack already; choose another one.",
    ]);
  });

  it('names the nearest provider and balancer for an unknown one', async () => {
    const text = goodService.replace('provider: machine', 'provider: machin').replace('front', 'elb');
    expect(await withService(text)).toEqual([
      'services/hello.yaml:2: bot.yaml has no provider `machin`; did you mean `machine`?',
      'services/hello.yaml:6: bot.yaml has no balancer `elb`; add it there or name another.',
      'services/hello.yaml:7: bot.yaml has no balancer `elb`; add it there or name another.',
    ]);
    expect((await withService(goodService.replace('defaults: { balancer: front }\n', '')))[0]).toContain(
      '`dev` has no `balancer`',
    );
    const rung = goodService.replace('{ port: 7001 }', '{ port: 7001, provider: cloud }');
    expect((await withService(rung))[0]).toContain('bot.yaml has no provider `cloud`');
  });

  it('refuses approvals that nobody could give, and rungs that contradict themselves', async () => {
    const rung = (text: string) =>
      withService(goodService.replace('{ port: 7002 }', `{ port: 7002, ${text} }`));
    expect((await rung('promotion: approval, approvals: 2'))[0]).toContain(
      'asks for 2 approvals and `people.approve`',
    );
    expect((await rung('promotion: approval, approvals: 0'))[0]).toContain(
      'waits for approval and asks for none',
    );
    expect((await rung('approvals: 1'))[0]).toContain('promotes by itself and asks for approvals');
    expect(await rung('promotion: approval')).toEqual([]);
  });

  it("refuses to give production's secret to verify", async () => {
    const text = goodService
      .replace('{ port: 7002 }', '{ port: 7002, production: true, settings: { T: { secret: env:T } } }')
      .concat('verify: { settings: { U: { secret: env:T } } }\n');
    const bot = goodBot.replace('root: machine', 'root: machine, allowProduction: true');
    const [problem] = await problemsOf({ 'bot.yaml': bot, 'services/hello.yaml': text });
    expect(problem).toContain('`U` gives verify the same secret as production');
  });

  it.each(['verify', 'bake', 'soak', 'migrate', 'v1', 'Prod'])(
    'refuses an environment named %s',
    async (name) => {
      const problems = await withService(goodService.replace('staging:', `${name}:`));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`services/hello.yaml:7: \`environments.${name}\``);
    },
  );
});
