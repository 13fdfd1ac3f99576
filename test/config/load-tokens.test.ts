import { describe, expect, it } from 'vitest';
import { goodBot, serviceWithSettings, withBot, withService } from './installation.ts';

describe('the configuration', () => {
  it('refuses tokens in place of references without repeating them', async () => {
    for (const token of ['xoxb-1-leaked', 'xapp-1-leaked', 'leaked', '"env: leaked"', 'file:leaked']) {
      const problems = await withBot(goodBot.replace('env:BOT', token));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(
        /^bot.yaml:3: `slack.botToken` (looks like a secret itself|is no reference)/,
      );
      expect(problems[0]).not.toContain('leaked');
    }
    const leaked = await withBot(`${goodBot}xoxb-1-secret: x\n`);
    expect(leaked.join()).not.toContain('xoxb');
    const alias = await withBot(`${goodBot}store: *xoxb-1-secret\n`);
    expect(alias.join()).not.toContain('xoxb');
  });

  it('refuses a token among the settings of a service without repeating it', async () => {
    const [problem] = await withService(serviceWithSettings('{ T: xoxb-9-leak }'));
    expect(problem).toContain(
      'services/hello.yaml:6: `environments.dev.settings.T` looks like a secret itself',
    );
    expect(problem).not.toContain('xoxb');
    expect((await withService(serviceWithSettings('{ T: { secret: hunter2 } }')))[0]).toContain(
      'is no reference',
    );
    expect((await withService(serviceWithSettings('{ T: 3 }')))[0]).toContain('must be a text in quotes');
  });
});
