import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWallClock, splitWallClock, utcOffset, wallClock } from './wall-clock';

const noon = new Date('2026-11-23T12:00:00Z');

describe('wall clocks', () => {
  it('show the time of their zone, before and after a change of clocks', () => {
    expect(wallClock(new Date('2026-03-29T00:59:00Z'), 'Europe/Paris')).toBe('2026-03-29T01:59');
    expect(wallClock(new Date('2026-03-29T01:00:00Z'), 'Europe/Paris')).toBe('2026-03-29T03:00');
    expect(wallClock(new Date('2026-11-23T23:30:00Z'), 'Indian/Reunion')).toBe('2026-11-24T03:30');
  });

  it('show midnight as 00', () => {
    expect(wallClock(new Date('2026-11-23T23:00:00Z'), 'Europe/Paris')).toBe('2026-11-24T00:00');
  });

  it('fall back to UTC for a zone that is not known', () => {
    expect(wallClock(noon, 'Mars/Olympus')).toBe('2026-11-23T12:00');
  });

  it('are what HubSpot’s inputs hold', () => {
    const { date, time } = splitWallClock('2026-01-05T09:07');
    expect(date).toEqual({ year: 2026, month: 0, date: 5 });
    expect(time).toEqual({ hours: 9, minutes: 7 });
    expect(joinWallClock(null, time)).toBeNull();
    expect(joinWallClock(date, null)).toBeNull();
    const dates = fc.date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (instant) => {
        const wall = wallClock(instant, 'Europe/Paris');
        const { date: day, time: hour } = splitWallClock(wall);
        expect(joinWallClock(day, hour)).toBe(wall);
      }),
    );
  });

  it('say how far they are from UTC', () => {
    expect(utcOffset(noon, 'Europe/Paris')).toBe('UTC+1');
    expect(utcOffset(new Date('2026-07-01T12:00:30Z'), 'Europe/Paris')).toBe('UTC+2');
    expect(utcOffset(noon, 'Asia/Kolkata')).toBe('UTC+5:30');
    expect(utcOffset(noon, 'America/Martinique')).toBe('UTC−4');
    expect(utcOffset(noon, 'Europe/London')).toBe('UTC');
  });
});
