import { expect, it } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import { goodBot, goodService, load, problemsOf } from './installation.ts';

const acme =
  '{ name: acme, team: T1, mode: http, botToken: env:A, signingSecret: env:AS, defaultChannel: C001 }';
const partner =
  '{ name: partner, team: T2, mode: socket, botToken: env:B, appToken: env:BA, defaultChannel: C002, adminChannel: C003 }';
const botWith = (...workspaces: string[]): string =>
  goodBot.replace(/^slack: .*$/m, `slack:\n${workspaces.map((one) => `  - ${one}`).join('\n')}`);
const files = (bot: string, more: Record<string, string> = {}) => ({
  'bot.yaml': bot,
  'services/hello.yaml': goodService,
  ...more,
});
const inPartner = `${goodService.replaceAll('T1/', 'T2/').replaceAll('700', '800')}workspace: partner\n`;

it('a service belongs to the workspace that its file names, else to the first', async () => {
  const bot = `${botWith(acme, partner)}admins: [T1/U9, T2/U9]\n`;
  const { dir, config } = await load(files(bot, { 'services/billing.yaml': inPartner }));
  const { policies, slack } = config;
  expect(policies.get('hello')).toMatchObject({
    channel: 'C001',
    workspace: { team: 'T1', name: 'acme' },
    admins: ['T1/U9'],
  });
  expect(policies.get('billing')).toMatchObject({
    channel: 'C002',
    workspace: { team: 'T2', name: 'partner' },
    admins: ['T2/U9'],
  });
  expect(slack.map(({ mode, adminChannel }) => [mode, adminChannel])).toEqual([
    ['http', 'C001'],
    ['socket', 'C003'],
  ]);
  const lines: string[] = [];
  expect(await checkConfig(dir, (line) => lines.push(line))).toBe(0);
  expect(lines).toEqual([
    'bot.yaml: test, queue embedded, Slack by http in acme, socket in partner.',
    'billing: main, dev → staging in the workspace partner.',
    'hello: main, dev → staging in the workspace acme.',
  ]);
});

it('one workspace without a name stays as it was, and so do its services', async () => {
  const { config } = await load(files(goodBot));
  expect(config.slack).toHaveLength(1);
  expect(config.slack[0].workspace).toBeUndefined();
  expect(config.policies.get('hello')?.workspace).toBeUndefined();
});

it.each([
  [
    'a name twice',
    [acme, partner.replace('name: partner', 'name: acme')],
    'bot.yaml:5: Another workspace is called `acme` already',
  ],
  ['a team twice', [acme, partner.replace('T2', 'T1')], 'bot.yaml:5: The workspace T1 stands here already'],
  [
    'a token twice',
    [acme, partner.replace('env:B,', 'env:A,')],
    'bot.yaml:5: `env:A` is the token of another workspace',
  ],
  [
    'two ports',
    [acme, partner.replace('mode: socket', 'mode: http, port: 3001, signingSecret: env:BS')],
    'bot.yaml:5: All workspaces that call over HTTP share one port, and the first has 3000',
  ],
  ['no team', [acme, partner.replace(' team: T2,', '')], 'bot.yaml:5: `slack.1.team` is missing; add it.'],
  [
    'a team that is none',
    [acme.replace('T1', 'E1'), partner],
    "bot.yaml:4: `slack.0.team` must be a workspace's id",
  ],
  [
    'no app token',
    [acme, partner.replace(' appToken: env:BA,', '')],
    'bot.yaml:5: `slack.1.mode` `socket` needs `appToken`',
  ],
  [
    'an unknown key',
    [acme, partner.replace('mode:', 'mod: x, mode:')],
    'bot.yaml:5: `mod` is not a key here; did you mean `mode`?',
  ],
  [
    'a token itself',
    [acme, partner.replace('env:B,', "'xoxb-1-2-3',")],
    'bot.yaml:5: `slack.1.botToken` looks like a secret itself',
  ],
])('%s is told at its line', async (_, workspaces, sentence) => {
  const problems = await problemsOf(files(botWith(...workspaces)));
  expect(problems[0]).toContain(sentence);
  expect(problems.join()).not.toContain('xoxb');
});

it.each([
  ['slack: 1', 'bot.yaml:3: `slack` must say how one workspace is reached, or be a list of workspaces'],
  ['slack: []', 'bot.yaml:3: `slack`'],
])('what is neither one workspace nor a list of them is told: %s', async (slack, sentence) => {
  expect((await problemsOf(files(goodBot.replace(/^slack: .*$/m, slack))))[0]).toContain(sentence);
});

it('people of a workspace can only be named for services of it', async () => {
  const people = goodService.replace("rollback: ['*']", "rollback: ['T2/U1', 'T9/U1']");
  const bot = `${botWith(acme, partner)}admins: ['*', T9/U1]\n`;
  expect(await problemsOf(files(bot, { 'services/hello.yaml': people }))).toEqual([
    "bot.yaml:10: `'*'` would make everybody of every workspace an administrator; name people or groups as team/id.",
    'bot.yaml:10: T9/U1 is of the team T9, which is no workspace of bot.yaml; correct the id.',
    'services/hello.yaml:3: T2/U1 is of another workspace, and `hello` belongs to `acme`, where alone it is acted on; name somebody of T1.',
    'services/hello.yaml:3: T9/U1 is of the team T9, which is no workspace of bot.yaml, and `hello` belongs to `acme`, where alone it is acted on; name somebody of T1.',
  ]);
});

it('a workspace that bot.yaml does not have is told with the one that was meant', async () => {
  const written = (name: string) => ({ 'services/hello.yaml': `${goodService}workspace: ${name}\n` });
  const of = async (bot: string, name: string) => problemsOf(files(bot, written(name)));
  expect(await of(botWith(acme, partner), 'partnr')).toContain(
    'services/hello.yaml:8: bot.yaml has no workspace `partnr`; did you mean `partner`?',
  );
  expect(await of(botWith(acme, partner), 'elsewhere')).toContain(
    'services/hello.yaml:8: bot.yaml has no workspace `elsewhere`; it has `acme`, `partner`.',
  );
  expect(await of(goodBot, 'acme')).toEqual([
    'services/hello.yaml:8: bot.yaml serves one workspace, which has no name; remove `workspace`, or write `slack` there as a list.',
  ]);
});
