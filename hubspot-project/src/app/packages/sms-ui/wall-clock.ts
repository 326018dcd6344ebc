/**
 * Wall-clock dates and times of a time zone: `YYYY-MM-DDTHH:MM`, without offset.
 *
 * HubSpot's inputs give such values, and the backend alone turns them into instants. Thus only one side handles the
 * hour that a change of clocks skips or repeats.
 */
import type { BaseDate, BaseTime } from '@hubspot/ui-extensions';

/** The wall-clock time of an IANA time zone; of UTC when the zone is unknown here. */
export function wallClock(instant: Date, timeZone: string): string {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** The value of HubSpot's two inputs; null while one of them is empty. */
export function joinWallClock(date: BaseDate | null, time: BaseTime | null): string | null {
  if (!date || !time) return null;
  const day = [digits(date.year, 4), digits(date.month + 1), digits(date.date)].join('-');
  return `${day}T${digits(time.hours)}:${digits(time.minutes)}`;
}

/** The values for HubSpot's two inputs. Months count from 0 there. */
export function splitWallClock(wall: string): { date: BaseDate; time: BaseTime } {
  const [year = 0, month = 1, date = 1, hours = 0, minutes = 0] = wall.split(/\D/).map(Number);
  return { date: { year, month: month - 1, date }, time: { hours, minutes } };
}

/** The zone's offset from UTC at an instant, for example `UTC+2`. */
export function utcOffset(instant: Date, timeZone: string): string {
  const shown = Date.parse(`${wallClock(instant, timeZone)}Z`);
  const minutes = Math.round((shown - Math.floor(instant.getTime() / 60_000) * 60_000) / 60_000);
  if (minutes === 0) return 'UTC';
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest ? `:${digits(rest)}` : ''}`;
}

/** Whether a change of the zone's clocks skips this wall-clock time, or shows it twice. */
export function clockChange(wall: string, timeZone: string): 'skipped' | 'repeated' | null {
  const near = Date.parse(`${wall}:00Z`);
  // Offsets lie within a day, and no zone moves its clocks twice in two days.
  const offsets = new Set(
    [-1, 1].map((days) => {
      const instant = near + days * 86_400_000;
      return Date.parse(`${wallClock(new Date(instant), timeZone)}:00Z`) - instant;
    }),
  );
  if (offsets.size < 2) return null;
  const shown = [...offsets].filter((offset) => wallClock(new Date(near - offset), timeZone) === wall);
  if (shown.length === 1) return null;
  return shown.length ? 'repeated' : 'skipped';
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const day = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'iso8601' } as const;
  const style = { ...day, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...style, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...style, timeZone: 'UTC' });
  }
}

function digits(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}
