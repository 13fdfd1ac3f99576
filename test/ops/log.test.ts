import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, redaction } from '../../src/ops/log.ts';

function logging() {
  const lines: string[] = [];
  const hidden = redaction();
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: 'info', redaction: hidden, base: { role: 'bot' }, destination });
  return { log, hidden, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

describe('the log', () => {
  it('writes JSON lines with a level, a time, fields and a static message', () => {
    const { log, last, lines } = logging();
    log.info({ service: 'hello', version: 3 }, 'release ended');
    log.debug('not at this level');
    expect(lines).toHaveLength(1);
    expect(last()).toMatchObject({
      level: 'info',
      role: 'bot',
      service: 'hello',
      version: 3,
      message: 'release ended',
    });
    expect(last().at).toBeGreaterThan(1e12);
  });

  it('replaces a hidden value wherever it stands in a line', () => {
    const { log, hidden, lines } = logging();
    hidden.hide('xoxb-1.2+3');
    hidden.hide('pass"word\\1');
    log.child({ bound: 'xoxb-1.2+3' }).error(
      {
        deep: [{ 'xoxb-1.2+3': 'a xoxb-1.2+3 b' }],
        error: new Error('pass"word\\1 is wrong'),
        url: `redis://:${encodeURIComponent('pass"word\\1')}@h`,
      },
      'it failed',
    );
    const line = lines.join();
    expect(line).not.toContain('xoxb');
    expect(line).not.toContain('word');
    expect(JSON.parse(line)).toMatchObject({
      bound: '[secret]',
      deep: [{ '[secret]': 'a [secret] b' }],
      url: 'redis://:[secret]@h',
    });
    expect(JSON.parse(line).error.message).toBe('[secret] is wrong');
  });

  it('replaces each line of a secret that has several', () => {
    const hidden = redaction();
    hidden.hide('-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----');
    expect(hidden.clean('x abcdefgh y')).toBe('x [secret] y');
  });

  it('leaves values alone that are too short to be secrets', () => {
    const hidden = redaction();
    hidden.hide('on');
    hidden.hide('');
    expect(hidden.clean('on and on')).toBe('on and on');
  });

  it('never shows a hidden value, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(secret.trim().length >= 4 && !'"[secret]"'.includes(secret));
        const { log, hidden, lines } = logging();
        hidden.hide(secret);
        log.info({ text: `${before}${secret}${after}` }, 'something happened');
        const { text } = JSON.parse(lines[0] ?? '');
        expect(text.replaceAll('[secret]', '')).not.toContain(secret);
      }),
    );
  });
});
