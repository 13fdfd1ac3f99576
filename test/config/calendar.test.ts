import { describe, expect, it } from 'vitest';
import { calendarOf, scheduleProblem } from '../../src/config/calendar.ts';

const at = (text: string): number => Date.parse(text);
const weekend = { name: 'weekend', from: '0 16 * * 5', to: '0 8 * * 1', zone: 'Europe/Berlin' };

describe('a window of the configuration', () => {
  const { windows } = calendarOf('hello', { freezes: [weekend] });

  it('holds from Friday 16:00 to Monday 08:00 in its own time zone', () => {
    expect(windows(at('2026-11-27T14:59:59Z'))).toEqual([]);
    expect(windows(at('2026-11-27T15:00:00Z'))).toMatchObject([
      { name: 'weekend', until: at('2026-11-30T07:00:00Z') },
    ]);
    expect(windows(at('2026-11-30T06:59:59Z'))).toHaveLength(1);
    expect(windows(at('2026-11-30T07:00:00Z'))).toEqual([]);
  });

  it('keeps its hours when clocks are put forward and back', () => {
    expect(windows(at('2026-10-23T13:59:59Z'))).toEqual([]);
    expect(windows(at('2026-10-23T14:00:00Z'))).toMatchObject([{ until: at('2026-10-26T07:00:00Z') }]);
    expect(windows(at('2026-03-27T15:00:00Z'))).toMatchObject([{ until: at('2026-03-30T06:00:00Z') }]);
  });

  it('of dates holds once, and of some services for those only', () => {
    const christmas = {
      name: 'christmas',
      from: '2026-12-23',
      to: '2027-01-02T08:00:00',
      zone: 'Europe/Berlin',
    };
    const some = calendarOf('hello', { freezes: [christmas] });
    expect(some.windows(at('2026-12-22T22:59:59Z'))).toEqual([]);
    expect(some.windows(at('2026-12-22T23:00:00Z'))).toHaveLength(1);
    expect(some.windows(at('2027-01-02T07:00:00Z'))).toEqual([]);
    const other = calendarOf('hello', { freezes: [{ ...christmas, services: ['shop'] }] });
    expect(other.windows(at('2026-12-24T12:00:00Z'))).toEqual([]);
  });

  it('is asked in any order of times and gives the same answers', () => {
    const times = Array.from({ length: 400 }, (_, index) => at('2026-11-20T00:00:00Z') + index * 3_600_000);
    const inOrder = times.map((time) => windows(time).length);
    const fresh = calendarOf('hello', { freezes: [weekend] });
    const backwards = times.toReversed().map((time) => fresh.windows(time).length);
    expect(backwards.toReversed()).toEqual(inOrder);
  });
});

describe('working hours', () => {
  const { workingTime } = calendarOf('hello', {
    freezes: [],
    reminders: { during: '* 9-16 * * 1-5', zone: 'Europe/Berlin' },
  });

  it('are waited for, and a time within them stays as it is', () => {
    expect(workingTime(at('2026-11-25T09:30:17Z'))).toBe(at('2026-11-25T09:30:17Z'));
    expect(workingTime(at('2026-11-25T21:00:00Z'))).toBe(at('2026-11-26T08:00:00Z'));
    expect(workingTime(at('2026-11-28T10:00:00Z'))).toBe(at('2026-11-30T08:00:00Z'));
  });

  it('are those of the zone where a person lives, and of the configured one where that is not known', () => {
    const zones = new Map([
      ['T1/ULOSANGELES', 'America/Los_Angeles'],
      ['T1/UTOKYO', 'Asia/Tokyo'],
      ['T1/UNOWHERE', 'Mars/Olympus'],
    ]);
    const there = calendarOf('hello', {
      freezes: [],
      reminders: { during: '* 9-16 * * 1-5', zone: 'Europe/Berlin' },
      zoneOf: (key) => zones.get(key),
    });
    const noon = at('2026-11-25T12:00:00Z');
    const first = (...who: string[]) => new Date(there.workingTime(noon, who)).toISOString();
    expect(first('T1/ULOSANGELES')).toBe('2026-11-25T17:00:00.000Z');
    expect(first('T1/UTOKYO')).toBe('2026-11-26T00:00:00.000Z');
    expect(first('T1/UTOKYO', 'T1/ULOSANGELES')).toBe('2026-11-25T17:00:00.000Z');
    for (const unknown of ['T1/UNOWHERE', 'T1/SGROUP', '*'])
      expect(first('T1/UTOKYO', unknown)).toBe('2026-11-25T12:00:00.000Z');
  });

  it('that are not set are always', () => {
    expect(calendarOf('hello', { freezes: [] }).workingTime(5)).toBe(5);
  });
});

describe('a moment of a calendar', () => {
  it.each([
    ['0 16 * * 5', 'Europe/Berlin', undefined],
    ['2026-12-23', 'UTC', undefined],
    ['on Friday', 'UTC', 'neither'],
    ['0 16 * * 5', 'Mars/Olympus', 'neither'],
  ])('%s in %s is understood, or told why not', (text, zone, why) => {
    const problem = scheduleProblem(text, zone);
    if (why === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(why);
  });
});
