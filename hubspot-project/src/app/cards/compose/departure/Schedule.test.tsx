/** Time of departure: now or later, in the portal's time zone. */
import { aCard, aPreview } from '@connector/api/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openComposer } from '../testing/driver';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime('2026-11-23T12:10:00Z');
});
afterEach(() => void vi.useRealTimers());

async function scheduling(card = aCard()) {
  const preview = aPreview({ effective_at: '2026-11-24T08:30:00Z' });
  const view = await openComposer({ card, preview });
  view.write('Bonjour');
  view.pick('schedule', 'later');
  const title = () => view.fold('departure').title;
  const setDate = (month: number, date: number) =>
    view.field('DateInput', 'send_date').trigger('onChange', { year: 2026, month, date } as never);
  const setTime = (hours: number, minutes: number) =>
    view.field('TimeInput', 'send_time').trigger('onChange', { hours, minutes } as never);
  return { ...view, title, setDate, setTime };
}

describe('the schedule', () => {
  it('starts with the next full hour of the portal, whose zone is named', async () => {
    const view = await scheduling();
    expect(view.title()).toBe('De numéro court · lundi 23 novembre 2026 à 14:00');
    expect(view.field('DateInput', 'send_date').props).toMatchObject({
      timezone: 'portalTz',
      min: { year: 2026, month: 10, date: 23 },
    });
    expect(view.seen()).toContain('Heure de Europe/Paris (UTC+1 aujourd’hui).');
  });

  it('travels as what the portal’s clocks show, and is confirmed with the time that the server says', async () => {
    const view = await scheduling();
    view.setDate(10, 24);
    view.setTime(9, 30);
    await view.previewed();
    expect(view.api.previews.asked.at(-1)?.send_at).toBe('2026-11-24T09:30');
    expect(view.sendButton().text).toBe('Programmer 1 SMS · 1 crédit');
    expect(view.seen()).toContain('Part à la date choisie.');
  });

  it('cannot be in the past', async () => {
    const view = await scheduling();
    view.setTime(13, 0);
    expect(view.field('DateInput', 'send_date').props).toMatchObject({
      error: true,
      validationMessage: 'Ce moment est passé.',
    });
    expect(view.sendButton().props.disabled).toBe(true);
  });

  it('follows a portal at the other end of the world', async () => {
    const view = await scheduling(aCard({ time_zone: 'Pacific/Noumea' }));
    expect(view.title()).toBe('De numéro court · mardi 24 novembre 2026 à 00:00');
    expect(view.seen()).toContain('Pacific/Noumea (UTC+11 aujourd’hui)');
  });

  it('can be given up', async () => {
    const view = await scheduling();
    view.pick('schedule', 'now');
    expect(view.title()).toBe('De numéro court · maintenant');
    await view.previewed();
    expect(view.api.previews.asked.at(-1)?.send_at).toBeNull();
  });
});
